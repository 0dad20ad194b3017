import { presentHosts, removeHost } from '../hosts/present.js';
import { up } from './up.js';
import { exclusively } from './exclusively.js';
import { hostNamed, runningLab } from './running-lab.js';

/** Replaces hosts by fresh ones of the same names and addresses; without names, all of them. */
export async function reset(names: readonly string[], signal: AbortSignal): Promise<void> {
  const lab = await runningLab();
  for (const name of names) await hostNamed(lab, name);
  const present = await presentHosts(lab);
  const wanted = names.length > 0 ? names : present;
  const step = { signal, say: () => undefined, tell: console.log };
  await exclusively(step, async () => {
    await Promise.all(wanted.map((name) => removeHost(lab, name)));
  });
  await up({ hosts: present.length, images: false, signal });
}
