import { checkText, type TemplateCheck } from './text.js';
import type { PlacedText } from './place.js';
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
  return renderPlaced({ placed: wholeFile(options), scope, ...(include ? { include } : {}) });
}

function wholeFile(template: TemplateFile): PlacedText {
  const start = { line: 1, column: 1 };
  return { text: template.text, span: { file: template.file, start, end: start } };
}
