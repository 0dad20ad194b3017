import { EvaluationError, UnknownRead } from './errors.js';
import { compileTemplate } from './ejs-code.js';
import type { PlacedText } from './place.js';
import { toData } from './result.js';
import { lenient, reader, runWithTimeLimit, settle } from './run-code.js';
import { extendScope, type Scope } from './scope.js';
import type { VariableContent } from './types.js';
import { isValueMap, Unknown } from './value.js';

/** Finds the text of an included template; the caller decides which folders may be read. Throws EvaluationError. */
export type IncludeTemplate = (path: string, from: string) => PlacedText;

/** Deeper includes are a circle. */
const deepestInclude = 20;

interface RenderRequest {
  readonly placed: PlacedText;
  readonly scope: Scope;
  readonly include?: IncludeTemplate;
  readonly depth?: number;
}

/** Renders placed text in one pass: what is printed is never read as a template again. Unknown when it reads something unknown. */
export function renderPlaced(request: RenderRequest): string | Unknown {
  const { placed, scope } = request;
  const template = compileTemplate(placed);
  if (template.kind === 'error') throw new EvaluationError(template.diagnostic);
  const { code } = template;
  let line = 1;
  const render = (): string => {
    let output = '';
    code.run({
      scope: reader(scope),
      lenient,
      append: (piece) => {
        output += printable(piece);
      },
      escape: (value) => value,
      include: (path, data) => includeTemplate({ ...request, path, data }),
      ended: (at) => {
        line = at;
      },
    });
    return output;
  };
  return settle(
    () => (code.analysis.loops ? runWithTimeLimit(render, placed.span) : render()),
    (error) => (error === undefined ? code.locateLine(line) : code.locate(error.offset, error.key)),
  );
}

/** What `<%= %>` prints: text as it is, numbers and booleans as text, null as nothing. */
function printable(piece: unknown): string {
  const data = toData(piece);
  if (data === undefined)
    throw new EvaluationError({
      severity: 'error',
      code: 'no-value',
      message: 'the expression gives no value',
      hint: 'give one with `?? default`',
    });
  if (data === null) return '';
  if (typeof data !== 'object') return String(data);
  const kind = Array.isArray(data) ? 'a list' : 'a map';
  const hint = Array.isArray(data)
    ? "join it: `list.join(',')`, or write JSON.stringify(…)"
    : 'write JSON.stringify(…)';
  throw new EvaluationError({
    severity: 'error',
    code: 'not-text',
    message: `${kind} cannot be printed as text`,
    hint,
  });
}

function includeTemplate(request: RenderRequest & { readonly path: unknown; readonly data: unknown }): string {
  const { path, include, depth = 0, placed } = request;
  if (!include || typeof path !== 'string')
    throw new EvaluationError({
      severity: 'error',
      code: 'include',
      message: 'include() needs the path of a template file',
    });
  if (depth >= deepestInclude)
    throw new EvaluationError({
      severity: 'error',
      code: 'include',
      message: `templates include each other (${deepestInclude} deep)`,
    });
  const data = toData(request.data);
  const variables = new Map<string, VariableContent>(
    isValueMap(data) ? Object.entries(data).map(([name, value]) => [name, { kind: 'data', value }]) : [],
  );
  const scope = extendScope(request.scope, variables.size > 0 ? [{ origin: `include of ${path}`, variables }] : []);
  const rendered = renderPlaced({ placed: include(path, placed.span.file), scope, include, depth: depth + 1 });
  if (rendered instanceof Unknown) throw new UnknownRead(rendered.reason);
  return rendered;
}
