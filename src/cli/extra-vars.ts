import type { Diagnostics } from '../core/diagnostic.js';
import { type Span, spanOfFlag } from '../core/span.js';
import type { FileReader } from '../syntax/files.js';
import { jinjaIn } from '../syntax/jinja.js';
import { type Located, type LocatedScalar, plainData } from '../syntax/located.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import { toData } from '../template/result.js';
import { isValueMap, type Value } from '../template/value.js';

const nameAndValue = /^([A-Za-z_]\w*)=([\s\S]*)$/;

/**
 * The variables of `-e`, later ones winning: `name=value` gives text (several may stand in one flag, separated by blanks),
 * `{…}` is JSON or YAML and keeps types, `@file` reads a YAML or JSON file.
 */
export function readExtraVars(options: {
  readonly flags: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): Readonly<Record<string, Value>> {
  const values: Record<string, Value> = {};
  for (const flag of options.flags) Object.assign(values, readFlag(flag, options));
  return values;
}

function readFlag(
  flag: string,
  options: { readonly files: FileReader; readonly diagnostics: Diagnostics },
): Readonly<Record<string, Value>> {
  const { files, diagnostics } = options;
  if (flag.startsWith('@')) {
    const path = flag.slice(1);
    const text = files.kind(path) === undefined ? undefined : files.read(path);
    if (text !== undefined) return readMap({ text, file: path, diagnostics });
    diagnostics.error({ code: 'extra-vars', message: `there is no file \`${path}\``, span: spanOfFlag('-e') });
    return {};
  }
  if (/^\s*\{/.test(flag)) return readMap({ text: flag, file: '-e', diagnostics });
  const values: Record<string, Value> = {};
  for (const word of splitAssignments(flag)) {
    const match = nameAndValue.exec(word);
    if (match?.[1] !== undefined && !['__proto__', 'constructor', 'prototype'].includes(match[1])) {
      values[match[1]] = unquoted(match[2] ?? '');
      if (readsAsTemplate(match[2] ?? '')) warnOfTemplate(match[1], spanOfFlag('-e'), diagnostics);
    } else
      diagnostics.error({
        code: 'extra-vars',
        message: `\`${word}\` is no variable`,
        span: spanOfFlag('-e'),
        hint: 'write name=value, \'{"name": value}\' or @file.yaml',
      });
  }
  return values;
}

/** `a=1 b=2` are two assignments; a blank that no assignment follows, or in quotes, belongs to the value: `text=hello world`. */
function splitAssignments(flag: string): readonly string[] {
  const assignment = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\s\S])+?(?=\s+[A-Za-z_]\w*=|$)/g;
  return (flag.trim().match(assignment) ?? ['']).map((word) => word.trim());
}

/** The value without the quotes around it. */
function unquoted(value: string): string {
  const match = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/s.exec(value);
  return match === null ? value : (match[2] ?? (match[1] ?? '').replaceAll(/\\(["\\])/g, '$1'));
}

function readMap(options: {
  readonly text: string;
  readonly file: string;
  readonly diagnostics: Diagnostics;
}): Readonly<Record<string, Value>> {
  const located = parseYaml(options);
  if (located === undefined) return {};
  reportShut(located, options.diagnostics);
  if (located.kind === 'map')
    for (const { key, value } of located.entries) {
      const template = textsOf(value).find(({ value: text }) => readsAsTemplate(String(text)));
      if (template !== undefined) warnOfTemplate(key, template.span, options.diagnostics);
    }
  const data = toData(plainData(located));
  if (isValueMap(data)) return data;
  options.diagnostics.error({
    code: 'extra-vars',
    message: 'variables are a map of names and values',
    span: located.span,
  });
  return {};
}

/** The texts of a value, as people write them: not what an encrypted value came to. */
function textsOf(located: Located): readonly LocatedScalar[] {
  switch (located.kind) {
    case 'list':
      return located.items.flatMap(textsOf);
    case 'map':
      return located.entries.flatMap((entry) => textsOf(entry.value));
    case 'scalar':
      return typeof located.value === 'string' && located.literal !== true ? [located] : [];
  }
}

function readsAsTemplate(text: string): boolean {
  return text.includes('<%') || jinjaIn(text).length > 0;
}

/** Whoever calls may have the value from elsewhere, so it is never code; who meant a template is told. */
function warnOfTemplate(name: string, span: Span, diagnostics: Diagnostics): void {
  diagnostics.warning({
    code: 'extra-vars',
    message: `\`${name}\` is used as it stands: what -e gives is data, templates in it are not rendered`,
    span,
    hint: 'write templates in `vars_files` or the inventory; they may read what -e gives',
  });
}

/** Extra variables are data at once: an encrypted value among them is used. */
function reportShut(located: Located, diagnostics: Diagnostics): void {
  if (located.kind === 'list') for (const item of located.items) reportShut(item, diagnostics);
  else if (located.kind === 'map') for (const entry of located.entries) reportShut(entry.value, diagnostics);
  else if (located.shut !== undefined) {
    const { reason, hint } = located.shut;
    diagnostics.error({ code: 'encrypted', message: `this value cannot be used: ${reason}`, span: located.span, hint });
  }
}
