import { Composer, type CST, type Document, type ParsedNode } from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import type { Located } from './located.js';
import { reportSyntaxError } from './yaml-errors.js';
import { readTokens, yamlLimits } from './yaml-limits.js';
import { locate } from './yaml-nodes.js';
import { secretTags } from './yaml-tags.js';
import { sourceText, spanBetween, type SourceText } from './source-text.js';

interface YamlText {
  readonly text: string;
  readonly file: string;
  readonly diagnostics: Diagnostics;
}

/** What each file was read as last, where there was nothing to say of it: many are used by several plays, roles or hosts. */
const lastRead = new Map<string, { readonly text: string; readonly located: Located | undefined }>();

/**
 * Reads one YAML 1.2 document (core schema) into values that know their place. Every mistake of the file is added to
 * `diagnostics`. Undefined for an empty document, and when the text is not YAML at all; mistakes that leave the
 * structure readable (duplicate keys, `0644`, unknown tags) still give a value, so that later checks report too.
 */
export function parseYaml(options: YamlText): Located | undefined {
  const { text, file, diagnostics } = options;
  const known = lastRead.get(file);
  if (known?.text === text) return known.located;
  const complaints = diagnostics.all.length;
  const located = parseText(options);
  // A secret is told each time, and opened with the passwords of then.
  const lasts = diagnostics.all.length === complaints && !secretTags.some((tag) => text.includes(tag));
  if (lasts) lastRead.set(file, { text, located });
  return located;
}

function parseText(options: YamlText): Located | undefined {
  const { diagnostics } = options;
  const source = sourceText(options);
  if (refusesText(source, diagnostics)) return undefined;

  const read = readTokens(source.text, source.lines.addNewLine);
  if (read.kind === 'too-deep') {
    diagnostics.error({
      code: 'yaml-depth',
      message: `lists and maps may be nested ${yamlLimits.depth} deep, this is deeper`,
      span: spanBetween(source, read.offset, read.offset + 1),
    });
    return undefined;
  }
  const { tokens } = read;
  const documents = [...composer(source).compose(tokens)];
  const [document, second] = documents;
  if (second !== undefined) {
    diagnostics.error({
      code: 'yaml-documents',
      message: 'a file holds one YAML document, this one begins a second',
      span: spanBetween(source, second.range[0], second.range[0] + 3),
      hint: 'put it into a file of its own, or remove the `---` line',
    });
  }
  return document === undefined ? undefined : readDocument({ document, tokens, source, diagnostics });
}

function readDocument(options: {
  readonly document: Document.Parsed;
  readonly tokens: readonly CST.Token[];
  readonly source: SourceText;
  readonly diagnostics: Diagnostics;
}): Located | undefined {
  const { document, tokens, source, diagnostics } = options;
  reportVersion(document, source, diagnostics);
  let reportedLine = 0;
  for (const error of document.errors) {
    // One slip often makes the parser complain several times about the same line: the first complaint is the useful one.
    const line = source.lines.linePos(error.pos[0]).line;
    if (line === reportedLine) continue;
    reportedLine = line;
    reportSyntaxError({ error, tokens, source, diagnostics });
  }
  const contents: ParsedNode | null = document.contents;
  if (document.errors.length > 0 || contents === null) return undefined;
  return locate({ node: contents, source, diagnostics });
}

function composer(source: SourceText): Composer {
  return new Composer({
    version: '1.2',
    schema: 'core',
    // Merge keys, duplicate keys and tags are judged in yaml-nodes.ts, with places and our own words.
    merge: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: source.lines,
    customTags: secretTags.map((tag) => ({ tag, resolve: (text: string) => text })),
  });
}

function refusesText(source: SourceText, diagnostics: Diagnostics): boolean {
  const { text, file } = source;
  if (text.length > yamlLimits.textLength) {
    const start = { line: 1, column: 1 };
    diagnostics.error({
      code: 'yaml-size',
      message: `the file has ${text.length} characters; a YAML file may have ${yamlLimits.textLength}`,
      span: { file, start, end: start },
      hint: 'keep large data in files of its own and copy them with `copy` or `template`',
    });
    return true;
  }
  // U+007F may stand in a quoted text: JSON has it so, and every JSON text is YAML (1.2.2, 5.1, nb-json).
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/.exec(text);
  if (control === null) return false;
  const before = text.slice(0, control.index).split('\n');
  const start = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const name = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  diagnostics.error({
    code: 'yaml-control-character',
    message: `the control character ${name} may not stand in a YAML file`,
    span: { file, start, end: { line: start.line, column: start.column + 1 } },
    hint: 'write it as an escape in double quotes, for example "\\x1b", or remove it',
  });
  return true;
}

function reportVersion(document: Document.Parsed, source: SourceText, diagnostics: Diagnostics): void {
  const version = document.directives.yaml;
  if (version.explicit !== true || version.version === '1.2') return;
  diagnostics.error({
    code: 'yaml-version',
    message: `files are read as YAML 1.2, this one asks for ${version.version}`,
    span: spanBetween(source, 0, source.text.indexOf('\n')),
    hint: 'remove the %YAML line; booleans are true and false, octal modes are quoted text',
  });
}
