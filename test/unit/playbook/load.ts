import { Diagnostics } from '../../../src/core/diagnostic.js';
import { assertModule } from '../../../src/modules/assert.js';
import { command } from '../../../src/modules/command.js';
import { copy } from '../../../src/modules/copy.js';
import { debug } from '../../../src/modules/debug.js';
import { file } from '../../../src/modules/file.js';
import { pause } from '../../../src/modules/pause.js';
import { script } from '../../../src/modules/script.js';
import { setFact } from '../../../src/modules/set_fact.js';
import { shell } from '../../../src/modules/shell.js';
import { template } from '../../../src/modules/template.js';
import type { ModuleCatalogue, ModuleShape } from '../../../src/playbook/catalogue.js';
import { loadPlaybook } from '../../../src/playbook/load-playbook.js';
import { withNested } from '../../../src/playbook/nested-steps.js';
import type { Play, Step } from '../../../src/playbook/types.js';
import type { FileReader } from '../../../src/syntax/files.js';
import { plainData } from '../../../src/syntax/located.js';
import { memoryFiles } from '../inventory/load.js';
import { problemsOf } from '../syntax/read.js';

/** Files by path. The playbook is `f.yaml`: its name is left out of the places in problems. */
export type Files = Readonly<Record<string, string>>;

const known: readonly ModuleShape[] = [
  assertModule,
  command,
  copy,
  debug,
  file,
  pause,
  script,
  setFact,
  shell,
  template,
];

/** Some of the real modules: each kind of parameter is among them. */
export const modules: ModuleCatalogue = {
  find: (name) => known.find((module) => module.name === name),
  names: () => known.map((module) => module.name),
};

export interface Loading {
  readonly files: FileReader;
  readonly modules: ModuleCatalogue;
  readonly roleFolders: readonly string[];
}

/** What a load of files in memory needs beside the playbook's path; roles are in `roles/`, bundled ones in `/bundled`. */
export function loadingOf(files: Files): Loading {
  return { files: memoryFiles(files), modules, roleFolders: ['/bundled'] };
}

export interface Loaded {
  readonly plays: readonly Play[];
  /** "line:column code: message | hint", with the file before the line when it is not the playbook. */
  readonly problems: readonly string[];
}

/** Loads a playbook, or files of which `f.yaml` is the playbook. */
export function load(playbook: string | Files): Loaded {
  const files = typeof playbook === 'string' ? { 'f.yaml': playbook } : playbook;
  const diagnostics = new Diagnostics();
  const loaded = loadPlaybook({ ...loadingOf(files), path: 'f.yaml', diagnostics });
  return { plays: loaded?.plays ?? [], problems: problemsOf(diagnostics) };
}

/** The plays of files that must be right. */
export function playsOf(playbook: string | Files): readonly Play[] {
  const { plays, problems } = load(playbook);
  if (problems.length > 0) throw new Error(`not valid: ${problems.join('\n')}`);
  return plays;
}

/** The one play of a playbook that must be right. */
export function playOf(playbook: string | Files): Play {
  const [play, ...others] = playsOf(playbook);
  if (play === undefined || others.length > 0) throw new Error('one play was expected');
  return play;
}

/** The steps of a list that run something, those inside others in their place. */
export function leaves(steps: readonly Step[]): readonly Step[] {
  return steps
    .flatMap(withNested)
    .filter((step) => step.kind !== 'block' && step.kind !== 'role')
    .filter((step) => !(step.kind === 'include-tasks' && step.steps !== undefined))
    .filter((step) => !(step.kind === 'include-role' && step.included !== undefined));
}

/** The step with this name, wherever it stands among the others. */
export function stepNamed(steps: readonly Step[], name: string): Step {
  const step = steps.flatMap(withNested).find((each) => nameOf(each) === name);
  if (step === undefined) throw new Error(`no step is called ${name}`);
  return step;
}

export function nameOf(step: Step): string | undefined {
  return step.name === undefined ? undefined : String(plainData(step.name));
}

/** Names of all steps that run something, in order. */
export function namesOf(steps: readonly Step[]): readonly (string | undefined)[] {
  return leaves(steps).map(nameOf);
}

/** The conditions of a step, outermost first. */
export function whenOf(step: Step): readonly string[] {
  return step.when.map((expression) => expression.source);
}
