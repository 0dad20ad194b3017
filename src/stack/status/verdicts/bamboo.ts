import type { BambooRow, MarathonApp, Verdict } from '../types.js';
import { counted, listed, notAskedText } from '../words.js';
import { hostsNotAsked, membersFor, rowsFor, type ClusterView } from './view.js';

const subject = 'Bamboo';

/** Every Bamboo lists the apps that run in Marathon, and none that is gone. */
export function bambooVerdict(view: ClusterView): Verdict | undefined {
  const members = membersFor(view, 'bamboo');
  if (members.length === 0) return undefined;
  const apps = rowsFor(view, 'marathon').find(({ details }) => details?.apps !== undefined)?.details?.apps;
  if (apps === undefined) return { subject, state: 'unknown', sentence: "Marathon's apps are not known" };
  const rows = rowsFor(view, 'bamboo');
  const problems = rows.flatMap((row) => problemOf(row, apps) ?? []);
  if (problems.length > 0) return { subject, state: 'bad', sentence: problems.join('; ') };
  const notAsked = hostsNotAsked(view, 'bamboo');
  if (rows.length === 0) return { subject, state: 'unknown', sentence: notAskedText(notAsked) };
  const running = apps.filter(({ running }) => running > 0).length;
  return {
    subject,
    state: 'ok',
    sentence: `${rows.length} of ${members.length} list Marathon's ${counted(running, 'running app')}`,
  };
}

/** Versions up to 0.2.20 list an app only when it has tasks, so only those with tasks can be missed. */
function problemOf({ host, details }: BambooRow, apps: readonly MarathonApp[]): string | undefined {
  const shown = details?.apps;
  if (shown === undefined) return `${host} lists no apps`;
  const missing = apps.filter(({ id, running }) => running > 0 && !shown.includes(id)).map(({ id }) => id);
  const gone = shown.filter((id) => !apps.some((app) => app.id === id));
  if (missing.length > 0) return `${host} does not list ${listed(missing)}`;
  return gone.length > 0 ? `${host} still lists ${listed(gone)}, which Marathon does not have` : undefined;
}
