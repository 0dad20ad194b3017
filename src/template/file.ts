import type { Diagnostic } from '../core/diagnostic.js';
import { type Jinja, jinjaIn } from '../syntax/jinja.js';
import { EvaluationError } from './errors.js';
import { checkText, type TemplateCheck } from './text.js';
import { type PlacedText, spanAt } from './place.js';
import { type IncludeTemplate, renderPlaced } from './render.js';
import type { Scope } from './scope.js';
import type { Unknown } from './value.js';

export interface TemplateFile {
  readonly text: string;
  readonly file: string;
}

/** Mistakes and names of a template file, without rendering it. */
export function checkTemplateFile(template: TemplateFile): TemplateCheck {
  return checkText(wholeFile(template));
}

/** Renders a template file: always text, also when it is a single expression. */
export function renderTemplateFile(
  options: TemplateFile & { readonly scope: Scope; readonly include?: IncludeTemplate },
): string | Unknown {
  const { scope, include } = options;
  const foreign = jinjaFile(options);
  if (foreign !== undefined) throw new EvaluationError(foreign);
  return renderPlaced({ placed: wholeFile(options), scope, ...(include ? { include } : {}) });
}

/** The mistake of a file that by its name is meant for Jinja and holds templates of it. */
export function jinjaFile(template: TemplateFile): Diagnostic | undefined {
  const [first] = /\.(?:j2|jinja2?)$/.test(template.file) ? jinjaIn(template.text) : [];
  if (first === undefined) return undefined;
  const { hint, ...diagnostic } = jinjaDiagnostic(first, template);
  return { ...diagnostic, severity: 'error', hint: `${hint}, or call the file by a name without .j2` };
}

/** Says that the file holds a Jinja template, which is written as it stands. */
export function jinjaDiagnostic(jinja: Jinja, template: TemplateFile): Diagnostic {
  return {
    severity: 'warning',
    code: 'jinja',
    message: `\`${jinja.found}\` is a Jinja template: it would be written as it stands`,
    span: spanAt(wholeFile(template), jinja.index, jinja.found.length),
    hint: jinja.hint,
  };
}

function wholeFile(template: TemplateFile): PlacedText {
  const start = { line: 1, column: 1 };
  return { text: template.text, span: { file: template.file, start, end: start } };
}
