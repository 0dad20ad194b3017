import { functions } from './functions.js';
import { parseTemplate, type Node, type Operand, type Pipeline } from './parse.js';
import { TemplateError } from './tokens.js';
import { field, isList, isMap, printed, truth, type Value } from './values.js';

class Scope {
  readonly #names = new Map<string, Value>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  declare(name: string, value: Value): void {
    this.#names.set(name, value);
  }

  assign(name: string, value: Value): void {
    if (this.#names.has(name)) this.#names.set(name, value);
    else if (this.#outer === undefined) throw new TemplateError(`undefined variable: $${name}`);
    else this.#outer.assign(name, value);
  }

  get(name: string): Value {
    const found = this.#names.get(name);
    if (found !== undefined) return found;
    if (this.#outer === undefined) throw new TemplateError(`undefined variable: $${name}`);
    return this.#outer.get(name);
  }
}

function valueOf(operand: Operand, dot: Value, scope: Scope): Value {
  switch (operand.kind) {
    case 'dot':
      return dot;
    case 'nil':
      return null;
    case 'literal':
      return operand.value;
    case 'variable':
      return scope.get(operand.name);
    case 'pipeline':
      return run(operand.pipeline, dot, scope);
    case 'chain':
      return operand.fields.reduce(field, valueOf(operand.base, dot, scope));
    case 'function':
      return call(operand.name, []);
  }
}

function call(name: string, args: readonly Value[]): Value {
  const found = functions.get(name);
  if (found === undefined) throw new TemplateError(`function "${name}" not defined`);
  return found(...args);
}

function run(pipeline: Pipeline, dot: Value, scope: Scope): Value {
  let last: { readonly value: Value } | undefined;
  for (const [first, ...rest] of pipeline.commands) {
    if (first === undefined) continue;
    const args = [...rest.map((operand) => valueOf(operand, dot, scope)), ...(last === undefined ? [] : [last.value])];
    if (first.kind === 'function') last = { value: call(first.name, args) };
    else if (args.length > 0) throw new TemplateError("can't give arguments to what is no function");
    else last = { value: valueOf(first, dot, scope) };
  }
  const value = last?.value ?? null;
  for (const name of pipeline.variables) {
    if (pipeline.declares) scope.declare(name, value);
    else scope.assign(name, value);
  }
  return value;
}

function repeated(node: Node, dot: Value, scope: Scope): string {
  if (node.kind !== 'range') return '';
  const inner = new Scope(scope);
  const { variables, commands } = node.pipeline;
  const value = run({ variables: [], declares: true, commands }, dot, inner);
  const entries: readonly (readonly [Value, Value])[] = isMap(value)
    ? [...value].sort(([left], [right]) => (left < right ? -1 : 1))
    : isList(value)
      ? value.map((item, index) => [index, item])
      : [];
  if (value !== null && !isMap(value) && !isList(value))
    throw new TemplateError(`range can't iterate over ${printed(value)}`);
  if (entries.length === 0) return write(node.otherwise, dot, new Scope(scope));
  return entries
    .map(([key, item]) => {
      const each = new Scope(inner);
      const [first, second] = variables;
      if (second !== undefined) {
        each.declare(first ?? '', key);
        each.declare(second, item);
      } else if (first !== undefined) each.declare(first, item);
      return write(node.body, item, each);
    })
    .join('');
}

function write(nodes: readonly Node[], dot: Value, scope: Scope): string {
  return nodes
    .map((node) => {
      try {
        if (node.kind === 'text') return node.text;
        if (node.kind === 'range') return repeated(node, dot, scope);
        if (node.kind === 'action') {
          const value = run(node.pipeline, dot, scope);
          return node.pipeline.variables.length > 0 ? '' : printed(value);
        }
        const inner = new Scope(scope);
        const value = run(node.pipeline, dot, inner);
        if (!truth(value)) return write(node.otherwise, dot, inner);
        return write(node.body, node.kind === 'with' ? value : dot, inner);
      } catch (error) {
        if (!(error instanceof TemplateError) || node.kind === 'text' || error.message.startsWith('line ')) throw error;
        throw new TemplateError(`line ${node.line}: ${error.message}`);
      }
    })
    .join('');
}

/** The names of functions that a template calls and Go would not know: parsing fails for them before anything runs. */
function checkFunctions(nodes: readonly Node[]): void {
  const visit = (operand: Operand): void => {
    if (operand.kind === 'function' && !functions.has(operand.name))
      throw new TemplateError(`function "${operand.name}" not defined`);
    if (operand.kind === 'chain') visit(operand.base);
    if (operand.kind === 'pipeline') operand.pipeline.commands.flat().forEach(visit);
  };
  for (const node of nodes) {
    if (node.kind === 'text') continue;
    node.pipeline.commands.flat().forEach(visit);
    if (node.kind === 'action') continue;
    checkFunctions(node.body);
    checkFunctions(node.otherwise);
  }
}

export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'syntax'; readonly message: string }
  | { readonly kind: 'data'; readonly message: string };

/** Parses and runs a Go template; `syntax` is where Go's `template.Must` panics, `data` where `Execute` returns an error. */
export function renderTemplate(template: string, data: Value): Rendered {
  let nodes: readonly Node[];
  try {
    nodes = parseTemplate(template);
    checkFunctions(nodes);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { kind: 'syntax', message: error.message };
  }
  try {
    const scope = new Scope();
    scope.declare('', data);
    return { kind: 'text', text: write(nodes, data, scope) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { kind: 'data', message: error.message };
  }
}
