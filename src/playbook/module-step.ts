import { invariant } from '../core/assert.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { integer, type Reader, templated } from '../syntax/reader.js';
import { checkBackground } from './background.js';
import { checkText } from './check-text.js';
import { readConditions } from './conditions.js';
import { readEntry, readText } from './fields.js';
import { templatedSeconds } from './keywords.js';
import type { Loading, Surroundings } from './loading.js';
import { readLoop } from './loop.js';
import { readModuleParams } from './module-params.js';
import { enter, stepBase, withVariables } from './surroundings.js';
import type { ActionKey } from './task-keys.js';
import type { ModuleStep, Templated } from './types.js';
import { checkVariableName } from './variables.js';

const bareExpressions = ['when', 'until', 'changed_when', 'failed_when'] as const;

/** A task that runs a module; none when its parameters cannot be read. */
export function loadModuleStep(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly surroundings: Surroundings; readonly loading: Loading },
): readonly ModuleStep[] {
  const { map, loading } = options;
  const { diagnostics } = loading;
  const module = loading.modules.find(action.name);
  invariant(module, `no module ${action.name}`);
  if (module.problem) diagnostics.add(module.problem);
  checkTexts(map, { action, loading });
  const inside = withVariables(enter(map, options.surroundings, loading), { map, what: 'task', loading });
  const params = readModuleParams(action, { map, module, loading });
  const conditions = (key: (typeof bareExpressions)[number]) => {
    const entry = entryOf(map, key);
    return entry === undefined ? undefined : readConditions(entry, diagnostics);
  };
  const field = (key: string, reader: Reader<Templated>): Templated | undefined => {
    const entry = entryOf(map, key);
    return entry === undefined ? undefined : readEntry(entry, { reader, diagnostics });
  };
  const step: ModuleStep = {
    kind: 'module',
    ...stepBase(map, inside),
    module: module.name,
    params: params ?? { kind: 'map', entries: [], span: action.entry.keySpan },
    until: conditions('until') ?? [],
    notify: inside.notify,
    ...defined('loop', readLoop(map, diagnostics)),
    ...defined('register', readRegister(map, loading)),
    ...defined('retries', field('retries', templated(integer({ minimum: 0 })))),
    ...defined('delay', field('delay', templatedSeconds())),
    ...defined('changedWhen', conditions('changed_when')),
    ...defined('failedWhen', conditions('failed_when')),
    ...defined('asyncSeconds', field('async', templatedSeconds())),
    ...defined('pollSeconds', field('poll', templatedSeconds())),
  };
  checkBackground(step, { module, loading });
  return params === undefined ? [] : [step];
}

/** The variable a task's result is kept in, or undefined. */
export function readRegister(map: LocatedMap, loading: Loading): string | undefined {
  const entry = entryOf(map, 'register');
  const name = entry === undefined ? undefined : readText(entry, loading.diagnostics);
  if (entry === undefined || name === undefined) return undefined;
  return checkVariableName(name, { span: entry.value.span, diagnostics: loading.diagnostics }) ? name : undefined;
}

/** Templates of everything beside the module's own parameters and bare expressions. */
function checkTexts(map: LocatedMap, options: { readonly action: ActionKey; readonly loading: Loading }): void {
  const skipped = (entry: LocatedEntry): boolean =>
    entry === options.action.entry || (bareExpressions as readonly string[]).includes(entry.key);
  for (const entry of map.entries)
    if (!skipped(entry) && entry.key !== 'args') checkText(entry.value, options.loading.diagnostics);
}

/** `{ [key]: value }`, or nothing when the value is undefined. */
export function defined<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
