import type { ModuleDocs, ParameterDocs } from '../modules/docs.js';
import { fill, padded, wrapped } from './cells.js';
import type { Colors } from './colors.js';

export interface ModuleLinesOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colors: Colors;
}

/** Texts are easier to read when their lines are not much longer than this. */
const widestText = 100;
const indent = 4;

/** All modules, one a line with its summary. */
export function moduleListLines(
  modules: readonly { readonly name: string; readonly summary: string }[],
  options: ModuleLinesOptions,
): readonly string[] {
  const width = Math.max(0, ...modules.map(({ name }) => name.length));
  return modules.flatMap(({ name, summary }) => {
    const [first = '', ...rest] = wrapped(summary, Math.max(20, options.columns - width - 2));
    return [`${options.colors.bold(padded(name, width))}  ${first}`, ...rest.map((line) => fill(width + 2) + line)];
  });
}

/** The documentation of one module: its summary and each parameter with kind, default and meaning. */
export function moduleDocsLines(docs: ModuleDocs, options: ModuleLinesOptions): readonly string[] {
  const { name, summary, freeForm, background, parameters } = docs;
  const width = Math.min(options.columns, widestText);
  const short =
    freeForm === undefined
      ? []
      : ['', ...wrapped(`\`${name}: VALUE\` means \`${name}: {${freeForm}: VALUE}\`.`, width)];
  const job = background === undefined ? [] : ['', ...wrapped(background, width)];
  const title = [options.colors.bold(name), '', ...wrapped(summary, width), ...short, ...job, ''];
  if (parameters.length === 0) return [...title, 'Takes any names.'];
  return [...title, ...parameters.flatMap((parameter) => parameterLines(parameter, { ...options, columns: width }))];
}

function parameterLines(parameter: ParameterDocs, { columns, colors }: ModuleLinesOptions): readonly string[] {
  const { name, aliases, required, description, secret } = parameter;
  const kind = `${parameter.type}${required ? `, ${colors.yellow('required')}` : ''}`;
  const notes = [
    description,
    ...(parameter.choices === undefined ? [] : [`One of: ${parameter.choices.join(', ')}.`]),
    ...(parameter.default === undefined ? [] : [`Default: ${parameter.default}.`]),
    ...(aliases.length === 0 ? [] : [`Also written: ${aliases.join(', ')}.`]),
    ...(secret ? ['Never shown.'] : []),
  ].filter((note) => note !== '');
  const lines = notes.flatMap((note) => wrapped(note, Math.max(20, columns - indent)));
  return [`  ${colors.bold(name)}  ${colors.dim(kind)}`, ...lines.map((line) => fill(indent) + line)];
}
