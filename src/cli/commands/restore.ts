import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { cleanLine } from '../../report/clean.js';
import { LockedError } from '../../run/lock.js';
import type { BackupComponent, BackupManifest } from '../../stack/backup/manifest.js';
import type { Refusal } from '../../rollout/types.js';
import { restoreRefusals } from '../../stack/backup/restore-check.js';
import { backupWords } from '../../stack/backup/words.js';
import { listed } from '../../stack/status/words.js';
import { readBackup } from '../backup/read-backup.js';
import { restoreBamboo, restoreMarathon } from '../backup/restore-services.js';
import { marathonStoreRefusals, restoreMarathonStore } from '../backup/restore-marathon-store.js';
import type { RestoreWork } from '../backup/restore-work.js';
import { restoreZooKeeper } from '../backup/restore-zookeeper.js';
import { backupId } from '../backup/take.js';
import { isConfirmed, type ConfirmOptions } from '../confirm.js';
import { withInterrupt } from '../interrupt.js';
import { liveMembers } from '../membership/situation.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { printError, printLine } from '../terminal.js';
import { withLocks } from '../with-locks.js';
import { readComponents } from './backup.js';

export interface RestoreCommand {
  readonly folder: string;
  readonly components: readonly string[];
  readonly options: InventoryOptions &
    ConnectionOptions &
    OutputOptions &
    ConfirmOptions & { readonly plan?: boolean; readonly force?: boolean; readonly marathonState?: boolean };
}

/** What can be put back; rendered configuration is made by \`runner apply\`. */
const restorable: readonly BackupComponent[] = ['zookeeper', 'marathon', 'bamboo'];

/** `runner restore BACKUP [COMPONENT…]`: proves the backup, shows what it would do, asks, does it, proves it. */
export async function restore(request: RestoreCommand): Promise<number> {
  const { options } = request;
  const wanted = readComponents(request.components);
  const finished = await withInterrupt(async (signal) => {
    const backup = await readBackup(request.folder, signal);
    const marathonState = options.marathonState === true;
    const components = chosenComponents(backup.manifest, { wanted, marathonState });
    const cluster = await openCluster({ options, signal });
    try {
      const force = options.force === true;
      if (!(await isAllowed({ cluster, manifest: backup.manifest, components, force, marathonState })))
        return exitCode.hostFailed;
      showPlan({ cluster, manifest: backup.manifest, components, marathonState });
      if (options.plan === true) return exitCode.done;
      if (!(await isConfirmed(options))) return exitCode.interrupted;
      const stamp = backupId();
      const hosts = [...new Set(cluster.members.map(({ host }) => host))];
      await withLocks({ cluster, hosts, token: stamp }, () =>
        carryOut({ cluster, backup, stamp, signal, say: printLine }, { components, marathonState }),
      );
      return exitCode.done;
    } catch (error) {
      if (error instanceof LockedError) {
        printError(cleanLine(error.message));
        return exitCode.locked;
      }
      const trouble = cluster.troubleOf(error);
      if (trouble === undefined) throw error;
      printError(cluster.masker.mask(cleanLine(trouble)));
      return exitCode.hostFailed;
    } finally {
      await cluster.close();
    }
  });
  return finished.kind === 'interrupted' ? finished.code : finished.value;
}

async function carryOut(
  work: RestoreWork,
  { components, marathonState }: { readonly components: readonly BackupComponent[]; readonly marathonState: boolean },
): Promise<void> {
  if (components.includes('zookeeper')) await restoreZooKeeper(work);
  if (marathonState) await restoreMarathonStore(work);
  else if (components.includes('marathon')) said(work, 'app', await restoreMarathon(work));
  if (components.includes('bamboo')) said(work, 'rule', await restoreBamboo(work));
}

function said(work: RestoreWork, what: string, posted: readonly string[]): void {
  work.say(posted.length === 0 ? `No ${what} was missing.` : `Posted the ${what}s of ${listed(posted)}.`);
}

/** What of the backup is put back. Throws InputError when it has not what was asked for. */
function chosenComponents(
  manifest: BackupManifest,
  { wanted, marathonState }: { readonly wanted: readonly BackupComponent[]; readonly marathonState: boolean },
): readonly BackupComponent[] {
  if (marathonState) {
    if (wanted.length !== 1 || wanted[0] !== 'marathon')
      throw mistake(
        "--marathon-state replaces Marathon's state and nothing else",
        "write `runner restore BACKUP marathon --marathon-state`; ZooKeeper's data holds that state too",
      );
    if (manifest.marathon?.store === undefined)
      throw mistake(
        'the backup holds none that Marathon wrote itself',
        '`runner backup --marathon-state` takes one; without the flag the apps that are missing are posted',
      );
    return wanted;
  }
  const held = restorable.filter((name) => manifest[name as 'zookeeper' | 'marathon' | 'bamboo'] !== undefined);
  const wrong = wanted.filter((name) => !held.includes(name));
  if (wrong.length === 0 && held.length > 0) return held.filter((name) => wanted.length === 0 || wanted.includes(name));
  throw mistake(
    wrong.length === 0
      ? 'the backup holds nothing that can be put back'
      : `the backup holds nothing of ${listed(wrong)} that can be put back`,
    `it holds ${held.length === 0 ? 'configuration alone' : listed(held)}; rendered configuration is made again by \`runner apply\``,
  );
}

function mistake(message: string, hint: string): InputError {
  return new InputError([{ severity: 'error', code: 'backup', message, hint }]);
}

async function isAllowed(options: {
  readonly cluster: OpenCluster;
  readonly manifest: BackupManifest;
  readonly components: readonly BackupComponent[];
  readonly force: boolean;
  readonly marathonState: boolean;
}): Promise<boolean> {
  const { cluster, manifest, components, force, marathonState } = options;
  if (marathonState) return !areRefused(await marathonStoreRefusals(cluster, manifest));
  if (!components.includes('zookeeper')) return true;
  const targets = (await liveMembers(cluster, 'zookeeper')).map((member) => ({
    ...member,
    version: member.version ?? wantedVersion(cluster, member.host),
  }));
  return !areRefused(restoreRefusals(manifest, { targets, force }));
}

function areRefused(refusals: readonly Refusal[]): boolean {
  for (const { message, hint } of refusals) {
    printError(`refused: ${cleanLine(message)}`);
    if (hint !== undefined) printError(`  hint: ${cleanLine(hint)}`);
  }
  if (refusals.length > 0) printError('Nothing was touched.');
  return refusals.length > 0;
}

function wantedVersion(cluster: OpenCluster, host: string): string | undefined {
  return cluster.members.find((member) => member.host === host && member.component === 'zookeeper')?.wantedVersion;
}

function showPlan(plan: {
  readonly cluster: OpenCluster;
  readonly manifest: BackupManifest;
  readonly components: readonly BackupComponent[];
  readonly marathonState: boolean;
}): void {
  const { cluster, manifest, components, marathonState } = plan;
  printLine(
    `Backup ${manifest.id}, taken ${manifest.takenAt} by ${cleanLine(manifest.takenBy)}; every file is as it was then.`,
  );
  for (const line of backupWords(manifest)) printLine(`  ${cleanLine(line)}`);
  if (components.includes('zookeeper')) {
    const hosts = cluster.members.filter(({ component }) => component === 'zookeeper').map(({ host }) => host);
    printLine(`1. Send ZooKeeper's data to ${listed(hosts)} and prove it there, while they serve.`);
    printLine('2. Stop all of them: masters, Marathon and Bamboo lose their ZooKeeper for that time and elect again.');
    printLine('3. Put the present data beside (version-2.before-restore-…), start all on the restored data.');
    printLine(
      '4. Prove it: one leader, all in sync, as many lasting znodes as in the backup. If not: the present data again.',
    );
  }
  if (marathonState) {
    const hosts = cluster.members.filter(({ component }) => component === 'marathon').map(({ host }) => host);
    printLine(`1. Send Marathon's state to ${listed(hosts)}: whichever leads next reads it.`);
    printLine('2. The leader steps down. The next one throws the present state away and takes that of the backup.');
    printLine('   Apps that were changed since are as they were then; tasks that were started since are killed.');
    printLine("3. Prove it: a leader, and the backup's apps, no more and no less.");
    return;
  }
  if (components.includes('marathon'))
    printLine('Post the apps of the backup that Marathon has not; those it has stay as they are.');
  if (components.includes('bamboo')) printLine('Post the rules of the backup that Bamboo has not.');
}
