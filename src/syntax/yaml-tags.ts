import type { Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import { isEncrypted } from '../secrets/keyring.js';
import type { Span } from '../core/span.js';
import { spanBetween, type SourceText } from './source-text.js';

const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

const explanations: Readonly<Record<string, string>> = {
  '!vault-encrypted': 'write `!vault`',
  '!unsafe': 'leave the tag out: only `<%` begins a template, and `<%%` prints a literal one',
};

/** `!secret` marks a text to be masked wherever it is shown, encrypted or not; `!vault` an encrypted one. */
export const secretTags: readonly string[] = ['!secret', '!vault'];

/** Whether a tag marks a scalar as a secret. */
export function isSecretTag(tag: string | undefined): boolean {
  return tag !== undefined && secretTags.includes(tag);
}

/** Adds an error for a tag that means nothing here. The core tags (`!!str`, `!!int` …), `!secret` and `!vault` on text are known. */
export function checkTag(
  node: Scalar.Parsed | YAMLMap.Parsed | YAMLSeq.Parsed,
  reading: { readonly source: SourceText; readonly diagnostics: Diagnostics },
): void {
  const { tag } = node;
  if (tag === undefined || tag === '!' || coreTags.has(tag)) return;
  const span = spanOfTag(node.range[0], reading.source);
  if (isSecretTag(tag)) {
    if ('items' in node) {
      reading.diagnostics.error({
        code: 'yaml-tag',
        message: `\`${tag}\` marks one text, not a list or a map`,
        span,
        hint: 'tag each value',
      });
    } else if (tag === '!vault' && !isEncrypted(node.source)) {
      reading.diagnostics.error({
        code: 'yaml-tag',
        message: '`!vault` marks an encrypted text, this one is not encrypted',
        span,
        hint: 'encrypt the value with `runner secrets encrypt-string`; `!secret` marks a plain text to be masked',
      });
    }
    return;
  }
  const shown = tag.replace('tag:yaml.org,2002:', '!!');
  reading.diagnostics.error({
    code: 'yaml-tag',
    message: `the tag \`${shown}\` is not known`,
    span,
    hint: explanations[tag] ?? 'remove the tag, or quote the value if it begins with `!`',
  });
}

/** The tag before a value: a node's own range begins behind it. */
function spanOfTag(valueStart: number, source: SourceText): Span {
  const last = source.text.lastIndexOf('!', valueStart);
  const start = Math.max(0, source.text[last - 1] === '!' ? last - 1 : last);
  const written = /^!\S*/.exec(source.text.slice(start))?.[0] ?? '';
  return spanBetween(source, start, start + written.length);
}
