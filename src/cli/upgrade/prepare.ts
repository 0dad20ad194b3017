import { dirname, join } from 'node:path';
import { Diagnostics, InputError, type Diagnostic } from '../../core/diagnostic.js';
import { spanOfFlag } from '../../core/span.js';
import { matchHosts } from '../../inventory/pattern.js';
import type { Play } from '../../playbook/types.js';
import { factsOf, parts, titleOf, type PartFacts } from '../../stack/upgrade/components.js';
import { readTargets, type Target } from '../../stack/upgrade/targets.js';
import { readExtraVars } from '../extra-vars.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import { packageFile } from '../package-files.js';
import { nodeFiles } from '../node-files.js';
import type { UpgradeOptions } from './options.js';
import { hasRole, playsWith } from './plays.js';

/** What is known before any host is asked. */
export interface Prepared {
  readonly targets: readonly Target[];
  /** The playbook whose plays roll the components. */
  readonly playbook: string;
  /** The plays of the components that are named, with what the files say, as `apply` would run them. */
  readonly loaded: LoadedPlan;
  /** Hosts after `--limit`. */
  readonly chosen: ReadonlySet<string>;
}

const packagedPlaybook = packageFile('playbooks/cluster.yaml');

/** Reads the words of the command, the inventory and the playbook. Throws InputError with every mistake of all of them. */
export function prepare(words: readonly string[], options: UpgradeOptions): Prepared {
  const { targets, diagnostics } = readTargets(words);
  const playbook = choosePlaybook(options);
  const mistakes = [...diagnostics, ...flagMistakes(options), ...extraVarMistakes(targets, options)];
  const roles = factsOfTargets(targets).map(({ role }) => role);
  const only = (play: Play): boolean => roles.some((role) => hasRole(play, role));
  const loaded = collecting(mistakes, () => loadPlan({ playbooks: [playbook], options, only }));
  if (loaded !== undefined) mistakes.push(...playMistakes(targets, { loaded, playbook }));
  if (mistakes.length > 0 || loaded === undefined) throw new InputError(mistakes);
  return { targets, playbook, loaded, chosen: chosenHosts(loaded) };
}

function factsOfTargets(targets: readonly Target[]): readonly PartFacts[] {
  return parts.filter(({ name }) => targets.some((target) => target.name === name));
}

function chosenHosts({ inventory, plan }: LoadedPlan): ReadonlySet<string> {
  const { limit } = plan.selection;
  if (limit.length === 0) return new Set(inventory.hosts.keys());
  return new Set(matchHosts({ pattern: limit, inventory, span: spanOfFlag('--limit') }).hosts);
}

function collecting<T>(mistakes: Diagnostic[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    mistakes.push(...error.diagnostics);
    return undefined;
  }
}

/** The one that is named, the project's own beside the inventory or here, else the one that comes with the program. */
function choosePlaybook(options: UpgradeOptions): string {
  if (options.playbook !== undefined) return options.playbook;
  const files = nodeFiles();
  const folders = [
    ...(options.inventory ?? []).map((path) => (files.kind(path) === 'directory' ? path : dirname(path))),
    '.',
  ];
  const own = folders.map((folder) => join(folder, 'playbooks/cluster.yaml'));
  return own.find((path) => files.kind(path) !== undefined) ?? packagedPlaybook;
}

function flagMistakes(options: UpgradeOptions): readonly Diagnostic[] {
  const asks = options.plan !== true && options.yes !== true;
  const mistakes: Diagnostic[] = [];
  const mistake = (code: string, message: string, hint: string): number =>
    mistakes.push({ severity: 'error', code, message, hint });
  if (asks && !process.stdin.isTTY)
    mistake(
      'no-terminal',
      'an upgrade is only begun when somebody has said yes to its plan, and there is no terminal to ask on',
      '`--plan` shows the plan; `--yes` goes on without asking',
    );
  if (options.pause === true && options.plan !== true && !process.stdin.isTTY)
    mistake('no-terminal', '--pause asks before every host, and there is no terminal to ask on', 'leave --pause out');
  if (options.soak !== undefined && options.canary === undefined)
    mistake(
      'soak-without-canary',
      '--soak says how long the first hosts are watched, and no --canary says how many',
      'write `--canary 1`',
    );
  return mistakes;
}

/** The version comes from the command's own words: another one by -e would win or lose without anybody noticing. */
function extraVarMistakes(targets: readonly Target[], options: UpgradeOptions): readonly Diagnostic[] {
  const given = readExtraVars({ flags: options.extraVars ?? [], files: nodeFiles(), diagnostics: new Diagnostics() });
  const variables = [
    ...new Set([...factsOfTargets(targets).map(({ variable }) => variable), factsOf('marathon').variable]),
  ];
  return variables
    .filter((variable) => Object.hasOwn(given, variable))
    .map((variable) => ({
      severity: 'error',
      code: 'version-twice',
      message: `-e sets \`${variable}\`, which is what this command is about`,
      span: spanOfFlag('-e'),
      hint: `name it as NAME=VERSION: \`${variable.replace(/_version$/, '')}=${JSON.stringify(given[variable])}\``,
    }));
}

function playMistakes(
  targets: readonly Target[],
  source: { readonly loaded: LoadedPlan; readonly playbook: string },
): readonly Diagnostic[] {
  return factsOfTargets(targets).flatMap((facts) => mistakesOfPlays(facts, source));
}

function mistakesOfPlays(
  facts: PartFacts,
  { loaded, playbook }: { readonly loaded: LoadedPlan; readonly playbook: string },
): readonly Diagnostic[] {
  const { role, variable, name } = facts;
  const plays = playsWith(loaded.plan, role);
  if (plays.length === 0) {
    const message = `${playbook} has no play with the role \`${role}\`, by which ${titleOf(name)} would be upgraded`;
    return [{ severity: 'error', code: 'no-play', message, hint: 'name the playbook with --playbook' }];
  }
  const rolling: readonly Diagnostic[] = plays
    .filter(({ play }) => play.ensemble === undefined)
    .map(({ play }) => ({
      severity: 'error',
      code: 'no-ensemble',
      message: `the play "${play.name}" does not say that it rolls an ensemble: it would take all hosts at once`,
      span: play.span,
      hint: `give it \`ensemble: {kind: ${kindOf(facts)}}\``,
    }));
  const knowsVersion = plays.some(({ play }) =>
    play.roles.some(({ context }) => context.role.name === role && context.role.defaults.values.has(variable)),
  );
  if (knowsVersion || role !== 'docker') return rolling;
  const message = `the role \`${role}\` of this playbook has no variable \`${variable}\`: the engine's version is its package's`;
  return [
    ...rolling,
    {
      severity: 'error',
      code: 'no-version-variable',
      message,
      hint: 'take the role that comes with the program, or give yours a default `docker_version` and a task that installs it',
    },
  ];
}

function kindOf({ part }: PartFacts): string {
  return part === 'mesos-slave' ? 'mesos-agent' : part;
}
