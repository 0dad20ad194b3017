import { didYouMean } from '../core/suggest.js';
import { reportUnknownKey } from '../syntax/fields.js';
import type { LocatedEntry, LocatedMap } from '../syntax/located.js';
import { plainModuleName } from './catalogue.js';
import { keywordNames } from './keywords.js';
import type { Loading } from './loading.js';
import { hintForModule, unknownModuleHint } from './module-hints.js';

/** Words that stand where a module's name stands but are the engine's own. */
export const engineActions = ['import_role', 'import_tasks', 'include_role', 'include_tasks', 'meta'] as const;

const shared = ['name', 'when', 'tags', 'vars', 'notify', ...keywordNames];

/** What a block may say beside `block`, `rescue` and `always`. */
export const blockKeywords: readonly string[] = [...shared, 'block', 'rescue', 'always'];

/** What a task may say beside its module. */
export const taskKeywords: readonly string[] = [
  ...shared,
  'args',
  'async',
  'changed_when',
  'delay',
  'failed_when',
  'index_var',
  'label',
  'listen',
  'loop',
  'loop_control',
  'loop_var',
  'pause',
  'poll',
  'register',
  'retries',
  'until',
];

/** Keywords of Ansible that are written in another way here. */
const translations: ReadonlyMap<string, string> = new Map([
  ['action', 'write the module as the key: `copy:` in place of `action: copy`'],
  ['local_action', 'write the module as the key and add `delegate_to: localhost`'],
  ['include', 'write `include_tasks` (chosen when it runs) or `import_tasks` (read when the playbook loads)'],
  ['sudo', 'write `become: true`'],
  ['sudo_user', 'write `become: true` and `become_user`'],
  ['become_flags', 'remove it: flags of sudo are not passed on'],
  ['become_exe', 'write `become_method: sudo` or `su`'],
  ['collections', 'remove it: modules have plain names'],
  ['module_defaults', 'write the parameters at the task, or use variables'],
  [
    'connection',
    'write `ansible_connection: local` at the host in the inventory, or `delegate_to: localhost` at the task',
  ],
  ['port', 'write `ssh: {port: …}` at the host in the inventory'],
  ['remote_user', 'write `ssh: {user: …}` at the host or group in the inventory, or use `-u`'],
  ['vars_prompt', 'give the values by `-e name=value`, secrets in an encrypted file'],
  ['gather_subset', 'remove it: facts are read when something asks for them'],
  ['gather_timeout', 'remove it: facts are read when something asks for them'],
  ['debugger', 'remove it; `--step` asks before each task'],
]);

/** How the lookups behind Ansible's `with_…` loops are written with `loop`. */
const loopTranslations: ReadonlyMap<string, string> = new Map([
  ['with_items', 'write `loop:` with the same list; `.flat()` unpacks lists in it'],
  ['with_list', 'write `loop:` with the same list'],
  ['with_dict', 'write `loop: "<%= Object.entries(map) %>"`: the items are `[key, value]`'],
  ['with_sequence', 'write `loop: "<%= Array.from({ length: n }, (_, i) => i + 1) %>"`'],
  ['with_together', 'write `loop: "<%= a.map((x, i) => [x, b[i]]) %>"`'],
  ['with_nested', 'write `loop: "<%= a.flatMap((x) => b.map((y) => [x, y])) %>"`'],
  ['with_subelements', 'write `loop: "<%= a.flatMap((x) => x.list.map((y) => [x, y])) %>"`'],
  ['with_indexed_items', 'write `loop:` with the same list and `index_var`'],
  ['with_inventory_hostnames', 'write `loop: "<%= groups.web %>"`'],
]);

/** Reports a keyword of Ansible that is written differently here. Returns whether it was one. */
export function refuseTranslated(entry: LocatedEntry, loading: Loading): boolean {
  const isLoop = entry.key.startsWith('with_');
  const hint = isLoop
    ? (loopTranslations.get(entry.key) ?? 'write `loop:` with an expression that gives the list')
    : translations.get(entry.key);
  if (hint === undefined) return false;
  loading.diagnostics.error({
    code: isLoop ? 'with-loop' : 'unsupported-keyword',
    message: isLoop ? `\`${entry.key}\` is written as \`loop\` here` : `\`${entry.key}\` is not a keyword here`,
    span: entry.keySpan,
    hint,
  });
  return true;
}

/** The one key of a task that says what it does. */
export interface ActionKey {
  readonly name: string;
  readonly entry: LocatedEntry;
}

/** `pause` is a setting of a loop beside a module, and a module where there is no other. */
export function isPauseModule(entry: LocatedEntry, map: LocatedMap): boolean {
  return entry.key === 'pause' && map.entries.every(({ key }) => taskKeywords.includes(key));
}

/** Finds the module (or the engine's own word) of a task. Unknown keys, two modules or none are reported. */
export function findAction(map: LocatedMap, loading: Loading): ActionKey | undefined {
  const actions: ActionKey[] = [];
  let refused = 0;
  for (const entry of map.entries) {
    if (taskKeywords.includes(entry.key) && !isPauseModule(entry, map)) continue;
    const name = plainModuleName(entry.key);
    if ((engineActions as readonly string[]).includes(name) || loading.modules.find(name) !== undefined) {
      actions.push({ name, entry });
      continue;
    }
    refused++;
    if (!refuseTranslated(entry, loading)) refuseUnknown(entry, loading);
  }
  const [first, ...others] = actions;
  for (const other of others) reportSecondModule(first!, other, loading);
  if (first === undefined && refused === 0) {
    loading.diagnostics.error({
      code: 'missing-module',
      message: 'this task says no module: there is nothing to do',
      span: map.span,
      hint: 'add one, for example `command: uptime`',
    });
  }
  return first;
}

function refuseUnknown(entry: LocatedEntry, loading: Loading): void {
  const moduleNames = [...loading.modules.names(), ...engineActions];
  const known = [...taskKeywords, ...moduleNames, 'block'];
  const plain = plainModuleName(entry.key);
  if (plain === entry.key) {
    reportUnknownKey({
      key: entry.key,
      what: 'a task',
      allowed: known,
      span: entry.keySpan,
      hint: hintForModule(entry.key) ?? didYouMean(entry.key, known) ?? unknownModuleHint,
      diagnostics: loading.diagnostics,
    });
    return;
  }
  const hint = hintForModule(plain) ?? didYouMean(plain, moduleNames) ?? unknownModuleHint;
  loading.diagnostics.error({
    code: 'unknown-key',
    message: `there is no module \`${plain}\``,
    span: entry.keySpan,
    hint,
  });
}

function reportSecondModule(first: ActionKey, other: ActionKey, loading: Loading): void {
  loading.diagnostics.error({
    code: 'two-modules',
    message: `a task has one module, this one has \`${first.name}\` and \`${other.name}\``,
    span: other.entry.keySpan,
    related: [{ span: first.entry.keySpan, message: `\`${first.name}\` is here` }],
    hint: 'write two tasks',
  });
}
