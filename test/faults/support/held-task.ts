import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultHost } from './fault-host.js';

export interface HeldTask {
  /** An item of a playbook's `tasks`; the task is called Long. */
  readonly text: string;
  isUnderWay(): boolean;
  letGo(): void;
}

/** A task that lasts until the test lets it go: how long another run needs meanwhile is none of its business. */
export function heldTask(site: FaultHost, name: string): HeldTask {
  const file = join(site.host.user.home, name);
  for (const old of [file, `${file}.begun`]) rmSync(old, { force: true });
  return {
    text: `    - { name: Long, shell: "touch ${file}.begun; until [ -e ${file} ]; do sleep 0.1; done" }\n`,
    isUnderWay: () => existsSync(`${file}.begun`),
    letGo: () => writeFileSync(file, ''),
  };
}
