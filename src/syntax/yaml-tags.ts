import type { Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import { spanBetween, type SourceText } from './source-text.js';

const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

const explanations: Readonly<Record<string, string>> = {
  '!vault': "Ansible's vault is not read here: encrypt the value with `runner secrets`",
  '!vault-encrypted': "Ansible's vault is not read here: encrypt the value with `runner secrets`",
  '!unsafe': 'leave the tag out: only `<%` begins a template, and `<%%` prints a literal one',
};

/** Whether a tag marks a scalar as a secret, to be masked wherever it is shown. */
export function isSecretTag(tag: string | undefined): boolean {
  return tag === '!secret';
}

/** Adds an error for a tag that means nothing here. The core tags (`!!str`, `!!int` …) and `!secret` on text are known. */
export function checkTag(
  node: Scalar.Parsed | YAMLMap.Parsed | YAMLSeq.Parsed,
  reading: { readonly source: SourceText; readonly diagnostics: Diagnostics },
): void {
  const { tag } = node;
  if (tag === undefined || tag === '!' || coreTags.has(tag)) return;
  const span = spanBetween(reading.source, node.range[0], node.range[0] + 1);
  if (isSecretTag(tag)) {
    if ('items' in node) {
      reading.diagnostics.error({
        code: 'yaml-tag',
        message: '`!secret` marks one text, not a list or a map',
        span,
        hint: 'tag each value',
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
