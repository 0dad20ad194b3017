import type { ValueMap } from '../../template/value.js';
import { loadPlan } from '../load-plan.js';
import type { OpenCluster } from '../open-cluster.js';
import type { PlayOptions } from '../options.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { filesWith } from '../text-file.js';

/**
 * Runs plays that a command has made, as a playbook of theirs would be run: with locks, a journal, the reporters and the
 * gates of ensembles. Gives the exit code.
 */
export async function runPlays(request: {
  /** What the journal calls the run: `runner restart zookeeper`. */
  readonly title: string;
  readonly plays: readonly ValueMap[];
  readonly options: PlayOptions;
  readonly passwords: OpenCluster['passwords'];
}): Promise<number> {
  const { title, plays, passwords } = request;
  // The plays name their hosts: what --limit leaves out is not among them.
  const { limit: _limit, ...options } = request.options;
  // JSON is YAML.
  const loaded = loadPlan({ playbooks: [title], files: filesWith(title, JSON.stringify(plays)), options });
  const settings = connectionsOf(loaded, { options, password: passwords.login });
  const preview = options.check === true;
  const outcome = await performRun({ loaded, settings, options, preview, becomePassword: passwords.become });
  return exitCodeOfRun(outcome, { pending: preview && options.exitCode === true });
}
