import { appsOf } from '../apps.js';
import type { Verdict } from '../types.js';
import { counted, listed } from '../words.js';
import { membersFor, type ClusterView } from './view.js';

const mostNamed = 5;

/** Every app runs as many instances as it should. */
export function appsVerdict(view: ClusterView): Verdict | undefined {
  const apps = membersFor(view, 'marathon').length === 0 ? undefined : appsOf(view.rows);
  if (apps === undefined || apps.length === 0) return undefined;
  const short = apps.filter(({ running, instances }) => running < instances);
  if (short.length === 0) {
    const sentence = `${counted(apps.length, 'app')} with all instances running`;
    return { subject: 'Apps', state: 'ok', sentence };
  }
  const named = short.slice(0, mostNamed).map(({ id, running, instances }) => `${id} (${running} of ${instances} run)`);
  const more = short.length > mostNamed ? [`${short.length - mostNamed} more`] : [];
  const sentence = `${short.length} of ${apps.length} lack instances: ${listed([...named, ...more])}`;
  return { subject: 'Apps', state: 'bad', sentence };
}
