import type { Diagnostics } from '../core/diagnostic.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf, isTemplate } from '../syntax/located.js';
import { checkKeys } from '../syntax/fields.js';
import { readConditions } from './conditions.js';
import { readBoolean, readEntry, readMap, readText, wrongType } from './fields.js';
import { templatedSeconds } from './keywords.js';
import { isPauseModule } from './task-keys.js';
import type { Loop } from './types.js';
import { checkVariableName } from './variables.js';

const beside = ['loop_var', 'index_var', 'label', 'pause'] as const;
const controls = [...beside, 'extended', 'break_when'] as const;

/** The loop of a task, with its settings beside it or under Ansible's `loop_control`; undefined when there is none. */
export function readLoop(map: LocatedMap, diagnostics: Diagnostics): Loop | undefined {
  const entry = entryOf(map, 'loop');
  const settings = loopSettings(map, diagnostics);
  if (entry === undefined) {
    for (const setting of settings) reportLonely(setting, diagnostics);
    return undefined;
  }
  if (entry.value.kind !== 'list' && !isTemplate(entry.value)) {
    return wrongType(entry, {
      expected: 'a list',
      diagnostics,
      hint: 'write the items as a list, or an expression that gives one: `loop: "<%= names %>"`',
    });
  }
  const find = (key: (typeof controls)[number]): LocatedEntry | undefined =>
    settings.find((setting) => setting.key === key);
  const label = find('label')?.value;
  const pauseEntry = find('pause');
  const pause =
    pauseEntry === undefined ? undefined : readEntry(pauseEntry, { reader: templatedSeconds(), diagnostics });
  const indexVar = variableOf(find('index_var'), diagnostics);
  const extended = find('extended');
  const breakWhen = find('break_when');
  return {
    items: entry.value,
    loopVar: variableOf(find('loop_var'), diagnostics) ?? 'item',
    ...(indexVar === undefined ? {} : { indexVar }),
    ...(label === undefined ? {} : { label }),
    ...(pause === undefined ? {} : { pause }),
    extended: extended === undefined ? false : (readBoolean(extended, diagnostics) ?? false),
    breakWhen: breakWhen === undefined ? [] : (readConditions(breakWhen, diagnostics) ?? []),
  };
}

/** The loop of an include: it ends with its list, since what it includes has no one result to judge. */
export function readIncludeLoop(map: LocatedMap, diagnostics: Diagnostics): Loop | undefined {
  const loop = readLoop(map, diagnostics);
  const span = loop?.breakWhen[0]?.span;
  if (span !== undefined)
    diagnostics.error({
      code: 'break-include',
      message: 'an include cannot have `break_when`',
      span,
      hint: 'put `when` on the tasks inside, or loop over a shorter list',
    });
  return loop;
}

function loopSettings(map: LocatedMap, diagnostics: Diagnostics): readonly LocatedEntry[] {
  const own = map.entries.filter(
    (entry) => (beside as readonly string[]).includes(entry.key) && !isPauseModule(entry, map),
  );
  const entry = entryOf(map, 'loop_control');
  const control = entry === undefined ? undefined : readMap(entry, diagnostics);
  if (control === undefined) return own;
  checkKeys({ map: control, allowed: controls, what: '`loop_control`', diagnostics });
  for (const inner of control.entries) {
    const outer = own.find((candidate) => candidate.key === inner.key);
    if (outer === undefined) continue;
    diagnostics.error({
      code: 'said-twice',
      message: `\`${inner.key}\` is said twice`,
      span: inner.keySpan,
      related: [{ span: outer.keySpan, message: 'it is also said here' }],
    });
  }
  return [...own, ...control.entries];
}

function variableOf(entry: LocatedEntry | undefined, diagnostics: Diagnostics): string | undefined {
  const name = entry === undefined ? undefined : readText(entry, diagnostics);
  if (entry === undefined || name === undefined) return undefined;
  return checkVariableName(name, { span: entry.value.span, diagnostics }) ? name : undefined;
}

function reportLonely(setting: LocatedEntry, diagnostics: Diagnostics): void {
  diagnostics.error({
    code: 'missing-loop',
    message: `\`${setting.key}\` belongs to a \`loop\`, this task has none`,
    span: setting.keySpan,
  });
}
