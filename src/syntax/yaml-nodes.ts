import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { decryptedScalar } from './encrypted.js';
import type { Located, LocatedEntry, LocatedScalar } from './located.js';
import { checkTag, isSecretTag } from './yaml-tags.js';
import { yamlLimits } from './yaml-limits.js';
import { isUnambiguous } from './yaml-scalars.js';
import { isForbiddenKey } from './forbidden-keys.js';
import { spanBetween, type SourceText } from './source-text.js';

/** What is known of a finished value: its size and depth once every alias in it stands for its anchor's value. */
interface Finished {
  readonly located: Located;
  readonly length: number;
  readonly depth: number;
}

interface Reading {
  readonly source: SourceText;
  readonly diagnostics: Diagnostics;
  /** Finished anchors by name. An anchor that is still being read is missing here: an alias to it would be a circle. */
  readonly anchors: Map<string, Finished>;
}

/** Turns a node of the YAML parser, and all below it, into located values. Aliases share their anchor's value and place. */
export function locate(options: {
  readonly node: ParsedNode;
  readonly source: SourceText;
  readonly diagnostics: Diagnostics;
}): Located | undefined {
  const finished = finish(options.node, { ...options, anchors: new Map() });
  if (finished.length <= yamlLimits.expandedLength && finished.depth <= yamlLimits.depth) return finished.located;
  options.diagnostics.error({
    code: 'yaml-aliases',
    message: 'the aliases of this file multiply into more data than a file may hold',
    span: finished.located.span,
    hint: 'write the values out, or share them through variables',
  });
  return undefined;
}

function finish(node: ParsedNode, reading: Reading): Finished {
  if (isAlias(node)) return finishAlias(node, reading);
  checkTag(node, reading);
  const finished = isMap(node)
    ? finishMap(node, reading)
    : isSeq(node)
      ? finishList(node, reading)
      : finishScalar(node, reading);
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, finished);
  return finished;
}

function finishAlias(node: Alias.Parsed, reading: Reading): Finished {
  const span = spanOf(node, reading);
  const anchored = reading.anchors.get(node.source);
  if (anchored !== undefined) return anchored;
  reading.diagnostics.error({
    code: 'yaml-alias',
    message: `no anchor \`&${node.source}\` stands before this alias`,
    span,
    hint: 'an alias comes after its anchor and outside of it; quote a pattern or glob that begins with `*`',
  });
  return {
    located: { kind: 'scalar', value: null, source: '', quoted: false, span },
    length: yamlLimits.valueLength,
    depth: 0,
  };
}

function finishScalar(node: Scalar.Parsed, reading: Reading): Finished {
  const span = spanOf(node, reading);
  const plain = node.type === 'PLAIN' || node.type === undefined;
  const understood =
    !plain || node.tag !== undefined || isUnambiguous({ node, span, diagnostics: reading.diagnostics });
  const located: LocatedScalar = {
    kind: 'scalar',
    value: understood ? scalarValue(node) : node.source,
    source: node.source,
    quoted: !plain,
    ...(isSecretTag(node.tag) ? { secret: true } : {}),
    span,
  };
  const read = located.secret === true ? decryptedScalar(located) : located;
  return { located: read, length: yamlLimits.valueLength + node.source.length, depth: 0 };
}

function scalarValue(node: Scalar.Parsed): LocatedScalar['value'] {
  const value: unknown = node.value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value;
  return node.source;
}

function finishList(node: YAMLSeq.Parsed, reading: Reading): Finished {
  const items = node.items.map((item) => finish(item, reading));
  return {
    located: { kind: 'list', items: items.map((item) => item.located), span: spanOf(node, reading) },
    length: items.reduce<number>((sum, item) => sum + item.length, yamlLimits.valueLength),
    depth: 1 + items.reduce((most, item) => Math.max(most, item.depth), 0),
  };
}

function finishMap(node: YAMLMap.Parsed, reading: Reading): Finished {
  const span = spanOf(node, reading);
  if (isJinja(node, reading.source)) {
    reading.diagnostics.error({
      code: 'yaml-syntax',
      message: '`{{` begins a map within a map, not a template',
      span,
      hint: 'templates are written <%= x %>',
    });
    return { located: { kind: 'map', entries: [], span }, length: yamlLimits.valueLength, depth: 1 };
  }
  const own = new Map<string, LocatedEntry>();
  const merged = new Map<string, LocatedEntry>();
  let length: number = yamlLimits.valueLength;
  let depth = 0;
  for (const pair of node.items) {
    const key = readKey(pair.key, reading, span);
    if (key === undefined) continue;
    const value = pair.value === null ? missingValue(key.span) : finish(pair.value, reading);
    length += value.length + key.text.length;
    depth = Math.max(depth, value.depth);
    if (key.merges) merge({ value: value.located, span: key.span, merged, diagnostics: reading.diagnostics });
    else
      addEntry({
        entry: { key: key.text, keySpan: key.span, value: value.located },
        own,
        diagnostics: reading.diagnostics,
      });
  }
  const inherited = [...merged.values()].filter((entry) => !own.has(entry.key));
  return { located: { kind: 'map', entries: [...inherited, ...own.values()], span }, length, depth: depth + 1 };
}

function readKey(
  node: ParsedNode | null,
  reading: Reading,
  mapSpan: Span,
): { readonly text: string; readonly span: Span; readonly merges: boolean } | undefined {
  const span = node === null ? mapSpan : spanOf(node, reading);
  if (node === null || !isScalar(node) || (node.source === '' && node.type === 'PLAIN')) {
    reading.diagnostics.error({
      code: 'yaml-key',
      message:
        node !== null && isCollection(node) ? 'a key must be text, this is a list or a map' : 'a key must be text',
      span,
      hint: 'quote the key if it is meant literally',
    });
    return undefined;
  }
  checkTag(node, reading);
  const text = node.source;
  if (isForbiddenKey(text)) {
    reading.diagnostics.error({
      code: 'forbidden-key',
      message: `\`${text}\` may not be used as a key: JavaScript gives it a meaning of its own`,
      span,
    });
    return undefined;
  }
  return { text, span, merges: text === '<<' && node.type === 'PLAIN' };
}

function addEntry(options: {
  readonly entry: LocatedEntry;
  readonly own: Map<string, LocatedEntry>;
  readonly diagnostics: Diagnostics;
}): void {
  const { entry, own, diagnostics } = options;
  const first = own.get(entry.key);
  if (first === undefined) {
    own.set(entry.key, entry);
    return;
  }
  diagnostics.error({
    code: 'duplicate-key',
    message: `the key \`${entry.key}\` is already in this map`,
    span: entry.keySpan,
    hint: 'keep one of the two',
    related: [{ span: first.keySpan, message: 'the first one' }],
  });
}

/** `<<: *anchor` and `<<: [*one, *two]`: a key of the map itself wins, then the earlier of several merged maps. */
function merge(options: {
  readonly value: Located;
  readonly span: Span;
  readonly merged: Map<string, LocatedEntry>;
  readonly diagnostics: Diagnostics;
}): void {
  const { value, span, merged, diagnostics } = options;
  const maps = value.kind === 'list' ? value.items : [value];
  for (const map of maps) {
    if (map.kind === 'map') {
      for (const entry of map.entries) if (!merged.has(entry.key)) merged.set(entry.key, entry);
      continue;
    }
    diagnostics.error({
      code: 'yaml-merge',
      message: '`<<` merges a map or a list of maps, this is neither',
      span,
      hint: 'write `<<: *name`, with `&name` at the map to merge',
    });
  }
}

function missingValue(span: Span): Finished {
  return {
    located: { kind: 'scalar', value: null, source: '', quoted: false, span },
    length: yamlLimits.valueLength,
    depth: 0,
  };
}

function isJinja(node: YAMLMap.Parsed, source: SourceText): boolean {
  return node.flow === true && source.text.startsWith('{{', node.range[0]);
}

function spanOf(node: ParsedNode, reading: Reading): Span {
  const [start, end] = node.range;
  return spanBetween(reading.source, start, end);
}
