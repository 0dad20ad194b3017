import type { Identifier, Node, Pattern } from 'acorn';
import { ancestor } from 'acorn-walk';

/** A name the code reads from outside itself. */
export interface FreeName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Stands as `{ name }` in an object literal. */
  readonly shorthand: boolean;
  /** On the left of `??`, in a `?.` chain or under `typeof`: may be undefined. */
  readonly guarded: boolean;
}

/** A stretch of code where reading something undefined gives `undefined` instead of an error. */
export interface Guard {
  readonly start: number;
  readonly end: number;
}

export interface CodeAnalysis {
  readonly names: readonly FreeName[];
  readonly guards: readonly Guard[];
  /** Loops and functions that could run for ever. */
  readonly loops: boolean;
}

/** Finds the free names and guarded stretches of parsed code, in the order of the code. */
export function analyse(program: Node): CodeAnalysis {
  const declared = declarations(program);
  const guards: Guard[] = [];
  let loops = false;
  ancestor(program, {
    LogicalExpression(node) {
      if (node.operator === '??') guards.push({ start: node.left.start, end: node.left.end });
    },
    ChainExpression(node) {
      guards.push({ start: node.start, end: node.end });
    },
    UnaryExpression(node) {
      if (node.operator === 'typeof') guards.push({ start: node.argument.start, end: node.argument.end });
    },
    WhileStatement() {
      loops = true;
    },
    DoWhileStatement() {
      loops = true;
    },
    ForStatement() {
      loops = true;
    },
  });
  const names: FreeName[] = [];
  ancestor(program, {
    Identifier(node, _state, ancestors) {
      if (ancestors.some((outer) => declared.get(outer)?.has(node.name))) return;
      const parent = ancestors.at(-2);
      names.push({
        name: node.name,
        start: node.start,
        end: node.end,
        shorthand: parent?.type === 'Property' && parent.shorthand,
        guarded: guards.some((guard) => guard.start <= node.start && node.end <= guard.end),
      });
    },
  });
  return { names: names.toSorted((a, b) => a.start - b.start), guards, loops };
}

/** Names by the node whose inside they are seen in. */
function declarations(program: Node): ReadonlyMap<Node, ReadonlySet<string>> {
  const declared = new Map<Node, Set<string>>();
  const declare = (scope: Node, pattern: Pattern): void => {
    const names = declared.get(scope) ?? new Set();
    for (const identifier of identifiersOf(pattern)) names.add(identifier.name);
    declared.set(scope, names);
  };
  ancestor(program, {
    VariableDeclaration(node, _state, ancestors) {
      const scope =
        ancestors.slice(0, -1).findLast((outer) => (node.kind === 'var' ? isFunction(outer) : isScope(outer))) ??
        program;
      for (const declarator of node.declarations) declare(scope, declarator.id);
    },
    Function(node, _state, ancestors) {
      for (const parameter of node.params) declare(node, parameter);
      if (node.id) declare(ancestors.slice(0, -1).findLast(isScope) ?? program, node.id);
    },
    CatchClause(node) {
      if (node.param) declare(node, node.param);
    },
  });
  return declared;
}

function isFunction(node: Node): boolean {
  return /Function/.test(node.type) || node.type === 'Program';
}

function isScope(node: Node): boolean {
  return (
    isFunction(node) ||
    ['BlockStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'SwitchStatement'].includes(node.type)
  );
}

function identifiersOf(pattern: Pattern): readonly Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        identifiersOf(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? identifiersOf(element) : []));
    case 'RestElement':
      return identifiersOf(pattern.argument);
    case 'AssignmentPattern':
      return identifiersOf(pattern.left);
    case 'MemberExpression':
      return [];
  }
}
