import { hostAddress } from '../hosts/addresses.js';
import { waitForSsh } from '../hosts/ready.js';
import { hostNamed, runningLab } from './running-lab.js';

/** `stop` shuts a host down in order, `kill` cuts its power, `start` boots it with all it had on its disk. */
export type PowerAction = 'stop' | 'start' | 'kill';

export async function power(action: PowerAction, names: readonly string[], signal: AbortSignal): Promise<void> {
  const lab = await runningLab();
  const hosts = await Promise.all(names.map(async (name) => ({ name, container: await hostNamed(lab, name) })));
  await Promise.all(
    hosts.map(async ({ name, container }) => {
      const { Running } = (await container.inspect()).State;
      if (action === 'start') {
        if (!Running) await container.start();
        await waitForSsh(hostAddress(lab.slot.number, Number(name.slice('node'.length))), {
          signal,
          say: console.log,
          tell: console.log,
        });
      } else if (Running) {
        await (action === 'stop' ? container.stop({ t: 20 }) : container.kill());
      }
      console.log(`${name}: ${action === 'start' ? 'up' : 'off'}`);
    }),
  );
}
