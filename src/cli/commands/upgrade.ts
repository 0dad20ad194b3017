import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import type { BackupComponent } from '../../stack/backup/manifest.js';
import type { Part } from '../../stack/upgrade/components.js';
import { planUpgrade, type PlannedHop, type UpgradePlan } from '../../stack/upgrade/plan.js';
import type { Problem } from '../../stack/upgrade/problems.js';
import { standings } from '../../stack/upgrade/standing.js';
import { versionsOf } from '../../stack/upgrade/running.js';
import { usualBackupFolder } from '../backup/folder.js';
import { takeBackup } from '../backup/take.js';
import { type Finished, withInterrupt } from '../interrupt.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { askChoice, askPasswords, type Passwords } from '../prompt.js';
import { hopRuns, imageRun, type HopRun } from '../upgrade/hop-runs.js';
import { askLive } from '../upgrade/live.js';
import type { UpgradeOptions } from '../upgrade/options.js';
import { prepare, type Prepared } from '../upgrade/prepare.js';
import { rolloutOf, stopAll } from '../upgrade/rollout.js';
import { talkOf, type Talk } from '../upgrade/talk.js';
import { saveVersion, saysOther, versionLines } from '../upgrade/version-lines.js';

export interface UpgradeCommand {
  /** NAME=VERSION[,VERSION…] */
  readonly words: readonly string[];
  readonly options: UpgradeOptions;
}

/** Everything one upgrade works with. */
interface Upgrade {
  readonly prepared: Prepared;
  readonly options: UpgradeOptions;
  readonly passwords: Passwords;
  readonly talk: Talk;
}

/**
 * `runner upgrade`: asks the cluster what runs, judges the whole way before anything is touched, shows it, pulls all
 * images, takes a backup, and rolls hop by hop. Exit 2 for a way that does not exist, 1 for a cluster that is not well or a
 * hop that failed, 3 for hosts that cannot be reached.
 */
export async function upgrade({ words, options }: UpgradeCommand): Promise<number> {
  const prepared = prepare(words, options);
  const passwords = await askPasswords(options, prepared.loaded.masker);
  const job: Upgrade = { prepared, options, passwords, talk: talkOf(options) };
  const looked = await withCluster(job, (cluster) => look(job, cluster));
  if (looked.kind === 'interrupted') return looked.code;
  const { plan, marathon } = looked.value;
  if (plan.problems.length > 0) {
    job.talk.problems(plan.problems);
    return codeOfProblems(plan.problems);
  }
  if (plan.hops.length === 0) return nothingToDo(job);
  // Reads what each hop would run: a mistake there is told before anything is touched, too.
  const runs = hopRuns(plan.hops, { prepared, options, marathon });
  job.talk.plan(plan);
  if (options.plan === true) return options.exitCode === true ? exitCode.changesPending : exitCode.done;
  if (options.yes !== true && (await askChoice('\nBegin this upgrade?', ['no', 'yes'])) === 'no') {
    job.talk.say('Nothing was touched.');
    return exitCode.done;
  }
  const before = await makeReady(job, runs);
  if (before !== exitCode.done) return before;
  return walk(job, runs);
}

interface Looked {
  readonly plan: UpgradePlan;
  /** The version Marathon has in the end. */
  readonly marathon: string | undefined;
}

async function look({ prepared, options }: Upgrade, cluster: OpenCluster): Promise<Looked> {
  const live = await askLive(cluster);
  const { targets, chosen } = prepared;
  const plan = planUpgrade({ targets, live, chosen, acceptOutage: options.acceptOutage === true });
  const wanted = targets.find(({ name }) => name === 'marathon')?.version.number;
  return { plan, marathon: wanted ?? versionsOf(live.running.get('marathon') ?? []).at(-1) };
}

/** Opens the cluster for one piece of work: all its hosts, whatever `--limit` says, since a quorum is made of all. */
async function withCluster<T>(
  { options, passwords }: Upgrade,
  work: (cluster: OpenCluster, signal: AbortSignal) => Promise<T>,
): Promise<Finished<T>> {
  return withInterrupt(async (signal) => {
    const { limit: _limit, ...all } = options;
    const cluster = await openCluster({ options: all, signal, passwords });
    try {
      return await work(cluster, signal);
    } finally {
      await cluster.close();
    }
  });
}

/** Worst first: what was asked for cannot be, the cluster is not well, hosts are away. */
function codeOfProblems(problems: readonly Problem[]): number {
  if (problems.some(({ kind }) => kind === 'input')) return exitCode.badInput;
  return problems.some(({ kind }) => kind === 'ill') ? exitCode.hostFailed : exitCode.unreachable;
}

async function nothingToDo(job: Upgrade): Promise<number> {
  job.talk.say('Nothing to do: every version that is asked for runs already.');
  return conclude(job);
}

/** Images on every host and a backup: what can fail fails here, with every container as it was. */
async function makeReady(job: Upgrade, runs: readonly HopRun[]): Promise<number> {
  const { prepared, options, talk } = job;
  const images = imageRun(runs, prepared);
  if (images !== undefined) {
    talk.heading('Images, on every host first');
    const code = exitCodeOfRun(await performRun(performance(job, { hop: undefined, loaded: images })));
    if (code !== exitCode.done) {
      talk.say('No container was touched: not every image is there.');
      return code;
    }
  }
  const components = backedUp(runs.map(({ hop }) => hop));
  if (!options.backup || components.length === 0) return exitCode.done;
  talk.heading('Backup');
  const taken = await withCluster(job, (cluster, signal) =>
    takeBackup({ cluster, components, to: usualBackupFolder, signal, say: talk.say, marathonState: true }),
  );
  if (taken.kind === 'interrupted') return taken.code;
  const { folder, problems } = taken.value;
  for (const problem of problems) talk.say(`not in the backup: ${problem}`);
  talk.say(`The backup is ${folder}`);
  if (problems.length === 0) return exitCode.done;
  talk.say('No container was touched: the backup is not whole. `--no-backup` goes on without one.');
  return exitCode.hostFailed;
}

function backedUp(hops: readonly PlannedHop[]): readonly BackupComponent[] {
  const parts = new Set(hops.map(({ part }) => part));
  const needs: Readonly<Record<BackupComponent, readonly Part[]>> = {
    zookeeper: ['zookeeper', 'marathon', 'bamboo'],
    'mesos-master': [],
    'mesos-slave': [],
    marathon: ['marathon'],
    bamboo: [],
  };
  return (Object.keys(needs) as BackupComponent[]).filter((name) => needs[name].some((part) => parts.has(part)));
}

/** Goes the hops one after the other; the first that does not come to its end is the last that is tried. */
async function walk(job: Upgrade, runs: readonly HopRun[]): Promise<number> {
  const { talk } = job;
  for (const [index, run] of runs.entries()) {
    const { hop } = run;
    const from = hop.from.filter((version) => version !== hop.to).join(', ');
    talk.heading(`${index + 1} of ${runs.length}: ${hop.title} ${from === '' ? hop.to : `${from} → ${hop.to}`}`);
    if (hop.stopsAll) {
      const stopped = await withCluster(job, (cluster) => stopAll(cluster, hop.part));
      if (stopped.kind === 'interrupted') return stopped.code;
      for (const trouble of stopped.value.said) talk.say(trouble);
      if (stopped.value.code !== exitCode.done) return stopped.value.code;
    }
    const finished = await performRun(performance(job, run));
    const code = exitCodeOfRun(finished);
    if (code === exitCode.done) continue;
    if (finished.kind !== 'interrupted') await remains(job);
    talk.say('The same command again goes on from here.');
    return code;
  }
  return conclude(job);
}

function performance(
  job: Upgrade,
  run: { readonly hop: PlannedHop | undefined; readonly loaded: HopRun['loaded'] },
): Parameters<typeof performRun>[0] {
  const { options, passwords } = job;
  const { hop, loaded } = run;
  return {
    loaded,
    settings: connectionsOf(loaded, { options, password: passwords.login }),
    options,
    preview: false,
    becomePassword: passwords.become,
    run: hop === undefined ? {} : { rollout: rolloutOf(options, hop) },
  };
}

/** Says how far the cluster has come, as it says itself. */
async function remains(job: Upgrade): Promise<void> {
  const asked = await withCluster(job, askLive);
  if (asked.kind === 'done') job.talk.standings(standings(job.prepared.targets, asked.value));
}

/** Proves that all runs as it was wanted, and sees to it that the next apply does not go back. */
async function conclude(job: Upgrade): Promise<number> {
  const { prepared, options, talk } = job;
  const asked = await withCluster(job, askLive);
  if (asked.kind === 'interrupted') return asked.code;
  const all = standings(prepared.targets, asked.value);
  talk.heading('What runs now');
  talk.standings(all);
  const missed = all.filter(({ left }) => left.some(({ host }) => prepared.chosen.has(host)));
  // While hosts that --limit left out are still at the old version, the files are right for them.
  for (const { part } of all.filter(({ left }) => left.length === 0)) tellLines(job, part);
  if (options.save === true && all.some(({ left }) => left.length > 0))
    talk.say('The files stay as they are until every host is there.');
  return missed.length === 0 ? exitCode.done : exitCode.hostFailed;
}

function tellLines({ prepared, options, talk }: Upgrade, part: Part): void {
  const target = prepared.targets.find(({ name }) => part === name || part.startsWith(`${name}-`));
  if (target === undefined) return;
  const version = target.version.number + target.version.suffix;
  for (const line of versionLines(prepared.loaded, part).filter((each) => saysOther(each, version))) {
    const canSave = options.save === true && line.span !== undefined && !line.isTemplate;
    try {
      if (canSave) saveVersion(line, version);
      talk.versionLine(line, { version, saved: canSave });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      talk.say(error.message);
      talk.versionLine(line, { version, saved: false });
    }
  }
}
