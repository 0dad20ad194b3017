import type { PlayOptions } from '../options.js';

/** What `runner upgrade` understands beside what every command on hosts does. */
export interface UpgradeOptions extends PlayOptions {
  readonly playbook?: string;
  /** Show the way and stop. */
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly acceptOutage?: boolean;
  readonly canary?: number;
  /** Seconds. */
  readonly soak?: number;
  readonly pause?: boolean;
  readonly save?: boolean;
  /** false: --no-backup. */
  readonly backup: boolean;
}
