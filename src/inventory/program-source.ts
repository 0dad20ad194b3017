import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { FileReader } from '../syntax/files.js';
import { locatedFromData } from '../syntax/from-data.js';
import type { Located } from '../syntax/located.js';
import { builtinNames } from '../syntax/variable-name.js';
import type { DraftGroup, InventoryDraft } from './draft.js';

interface Program {
  readonly path: string;
  readonly draft: InventoryDraft;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}

/**
 * Runs an executable inventory and adds what it prints: Ansible's JSON of `--list`, with the hosts' variables in
 * `_meta.hostvars` or, without it, asked for one by one with `--host`. What a program prints is data: text in it is
 * never taken for a template.
 */
export function readProgramInventory(program: Program): void {
  const span: Span = { file: program.path, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const listed = run({ ...program, span, args: ['--list'] });
  if (listed === undefined) return;
  if (!isRecord(listed)) {
    report({ ...program, span, message: 'the inventory program must print a JSON object of groups' });
    return;
  }
  const { _meta: meta, ...groups } = listed;
  for (const [name, body] of Object.entries(groups)) readGroup({ ...program, span, name, body });
  readHostVariables({ ...program, span, meta });
}

interface Placed extends Program {
  readonly span: Span;
}

function run(options: Placed & { readonly args: readonly string[] }): unknown {
  const { path, files, args } = options;
  let output: string;
  try {
    output = files.run(path, args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report({ ...options, message: `the inventory program failed: ${reason}` });
    return undefined;
  }
  try {
    return JSON.parse(output) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report({ ...options, message: `the inventory program printed no JSON for ${args.join(' ')}: ${reason}` });
    return undefined;
  }
}

/** A group: a map with hosts, children and vars, or just the list of its hosts. */
function readGroup(options: Placed & { readonly name: string; readonly body: unknown }): void {
  const { name, body, span, draft } = options;
  const group = draft.group(name, span);
  if (group === undefined) return;
  const fields: Readonly<Record<string, unknown>> = Array.isArray(body) ? { hosts: body } : isRecord(body) ? body : {};
  if (!Array.isArray(body) && !isRecord(body))
    report({ ...options, message: `the group \`${name}\` must be an object or a list of hosts` });
  for (const host of texts({ ...options, field: 'hosts', value: fields['hosts'] })) addHost(group, host, options);
  for (const child of texts({ ...options, field: 'children', value: fields['children'] }))
    draft.addChild(group, child, span);
  const values = variables(fields['vars'], `the vars of \`${name}\``, options);
  if (values.size > 0) group.layers.push({ name: `group ${name}`, values });
}

function readHostVariables(options: Placed & { readonly meta: unknown }): void {
  const { meta, draft } = options;
  const hostvars = isRecord(meta) ? meta['hostvars'] : undefined;
  if (isRecord(hostvars)) {
    // Variables alone make no host: what a program leaves out of all groups it does not want to be reached.
    for (const [host, data] of Object.entries(hostvars)) if (draft.hosts.has(host)) addLayer(host, data, options);
    return;
  }
  for (const host of draft.hosts.values()) {
    if (host.span.file === options.path) addLayer(host.name, run({ ...options, args: ['--host', host.name] }), options);
  }
}

function addLayer(host: string, data: unknown, options: Placed): void {
  const values = variables(data, `the variables of \`${host}\``, options);
  if (values.size > 0) options.draft.hosts.get(host)?.layers.push({ name: `host ${host}`, values });
}

/** Names a program prints are names: brackets in them are no ranges. */
function addHost(group: DraftGroup, name: string, options: Placed): void {
  if (/[[\]]/.test(name)) report({ ...options, message: `\`${name}\` is no host name` });
  else options.draft.addHosts({ group, name, span: options.span });
}

function texts(
  options: Placed & { readonly name: string; readonly field: string; readonly value: unknown },
): readonly string[] {
  const { value, name, field } = options;
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  report({ ...options, message: `\`${field}\` of the group \`${name}\` must be a list of names` });
  return [];
}

function variables(data: unknown, what: string, options: Placed): ReadonlyMap<string, Located> {
  if (data === undefined || data === null) return new Map();
  const located = locatedFromData({ data, span: options.span, diagnostics: options.diagnostics });
  if (located.kind === 'map') {
    // A cloud's names may be anything; those that are always there (`host`, `facts`) are not for a program to set.
    const allowed = located.entries.filter((entry) => !builtinNames.some((name) => name === entry.key));
    return new Map(allowed.map((entry) => [entry.key, entry.value]));
  }
  report({ ...options, message: `${what} must be a JSON object` });
  return new Map();
}

function report(options: { readonly message: string; readonly span: Span; readonly diagnostics: Diagnostics }): void {
  options.diagnostics.error({ code: 'inventory-program', message: options.message, span: options.span });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
