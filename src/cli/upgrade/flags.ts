import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../core/duration.js';
import { positiveInteger, withConnectionOptions, withInventoryOptions, withOutputOptions } from '../options.js';

/** Seconds: "60", "90s", "5m". */
function seconds(value: string): number {
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined) throw new InvalidArgumentError('It must be a time such as 90s or 5m.');
  return milliseconds / 1000;
}

/** Flags of `runner upgrade`. */
export function withUpgradeOptions(command: Command): Command {
  withInventoryOptions(command);
  command
    .optionsGroup('What to do:')
    .option('--plan', 'show the way and stop; nothing is touched')
    .option('--exit-code', 'with --plan: exit 4 when there is something to do')
    .option('-y, --yes', 'begin without asking')
    .option('--playbook <file>', 'whose plays roll the components (default: your playbooks/cluster.yaml, else the own)')
    .option('--save', 'write the new versions into your files afterwards')
    .option('--no-backup', 'take no backup before')
    .option('--accept-outage', 'allow what cannot be done without being away for a while')
    .optionsGroup('How to roll:')
    .option('--canary <count>', 'after so many hosts of each component, watch them for a while', positiveInteger)
    .option('--soak <time>', 'how long: 60s, 5m', seconds)
    .option('--pause', 'ask before every host but the first')
    .option('-f, --forks <count>', 'hosts at the same time where nothing is at stake (images)', positiveInteger);
  return withOutputOptions(withConnectionOptions(command));
}
