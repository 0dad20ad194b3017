import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { backupComponents, type BackupComponent, type BackupManifest } from '../../stack/backup/manifest.js';
import { backupWords } from '../../stack/backup/words.js';
import { usualGroups } from '../../stack/status/members.js';
import { usualBackupFolder } from '../backup/folder.js';
import { takeBackup } from '../backup/take.js';
import { withInterrupt } from '../interrupt.js';
import { openCluster } from '../open-cluster.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { printError, printLine } from '../terminal.js';

export interface BackupCommand {
  readonly components: readonly string[];
  readonly options: InventoryOptions &
    ConnectionOptions &
    OutputOptions & { readonly to?: string; readonly marathonState?: boolean };
}

/** `runner backup [COMPONENT…]`: fetches what a cluster cannot be made again without. Reads only, unless `--marathon-state` has Marathon's leader step down; exit 1 when something is missing. */
export async function backup(request: BackupCommand): Promise<number> {
  const { options } = request;
  const components = readComponents(request.components);
  if (options.marathonState === true && components.length > 0 && !components.includes('marathon'))
    throw withoutMarathon();
  const finished = await withInterrupt(async (signal) => {
    const cluster = await openCluster({ options, signal });
    try {
      if (cluster.members.length === 0) throw nothingThere();
      return await takeBackup({
        cluster,
        ...(components.length === 0 ? {} : { components }),
        to: options.to ?? usualBackupFolder,
        marathonState: options.marathonState === true,
        signal,
        say: printError,
      });
    } finally {
      await cluster.close();
    }
  });
  if (finished.kind === 'interrupted') return finished.code;
  const taken = finished.value;
  show({ folder: taken.folder, manifest: taken.manifest, options });
  for (const problem of taken.problems) printError(`not in the backup: ${problem}`);
  if (taken.problems.length > 0) return exitCode.hostFailed;
  return taken.manifest.missing.length > 0 ? exitCode.unreachable : exitCode.done;
}

/** Names of components as the command line has them. Throws InputError with a suggestion. */
export function readComponents(names: readonly string[]): readonly BackupComponent[] {
  const wrong = names.filter((name) => !(backupComponents as readonly string[]).includes(name));
  if (wrong.length === 0) return names as readonly BackupComponent[];
  throw new InputError(
    wrong.map((name) => ({
      severity: 'error',
      code: 'unknown-component',
      message: `\`${name}\` is no component`,
      hint: didYouMean(name, backupComponents) ?? `components are ${backupComponents.join(', ')}`,
    })),
  );
}

function withoutMarathon(): InputError {
  return new InputError([
    {
      severity: 'error',
      code: 'backup',
      message: '--marathon-state is about Marathon, which is not among the components',
      hint: 'add `marathon`, or name none',
    },
  ]);
}

function nothingThere(): InputError {
  return new InputError([
    {
      severity: 'error',
      code: 'no-components',
      message: 'no host of the inventory is in a group that the cluster is made of',
      hint: `the groups are ${usualGroups.join(', ')}; variables such as \`zookeeper_group\` name others`,
    },
  ]);
}

function show(taken: {
  readonly folder: string;
  readonly manifest: BackupManifest;
  readonly options: OutputOptions;
}): void {
  const { folder, manifest, options } = taken;
  if (options.output === 'json') {
    printLine(JSON.stringify({ folder, manifest }));
    return;
  }
  for (const line of backupWords(manifest)) printLine(line);
  printLine(`The backup is ${folder}`);
}
