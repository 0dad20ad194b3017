import type { Span } from '../core/span.js';
import { EvaluationError } from './errors.js';
import { evaluate } from './evaluate.js';
import type { ScopeLayer, VariableContent } from './types.js';
import type { Value } from './value.js';

/** The variables a template sees. Values are rendered when first read and kept. */
export interface Scope {
  /** The layers, lowest precedence first. */
  readonly layers: readonly ScopeLayer[];
  has(name: string): boolean;
  /** Throws EvaluationError for a name that is not there, a mistake in the variable's own template, or a circle of variables. */
  read(name: string): Value;
  names(): readonly string[];
  /** Every layer that has the name, winner first: what `runner vars` prints. */
  origins(name: string): readonly { readonly origin: string; readonly content: VariableContent }[];
}

/** A scope of layers, lowest precedence first. */
export function createScope(layers: readonly ScopeLayer[]): Scope {
  return new LayeredScope(layers);
}

/** The same scope with further layers that win over it. */
export function extendScope(scope: Scope, layers: readonly ScopeLayer[]): Scope {
  return layers.length === 0 ? scope : new LayeredScope([...scope.layers, ...layers]);
}

class LayeredScope implements Scope {
  readonly layers: readonly ScopeLayer[];
  readonly #values = new Map<string, Value>();
  readonly #reading: string[] = [];

  constructor(layers: readonly ScopeLayer[]) {
    this.layers = layers;
  }

  has(name: string): boolean {
    return this.#values.has(name) || this.layers.some((layer) => layer.variables.has(name));
  }

  names(): readonly string[] {
    return [...new Set(this.layers.flatMap((layer) => [...layer.variables.keys()]))];
  }

  origins(name: string): readonly { readonly origin: string; readonly content: VariableContent }[] {
    return this.layers.toReversed().flatMap((layer) => {
      const content = layer.variables.get(name);
      return content ? [{ origin: layer.origin, content }] : [];
    });
  }

  read(name: string): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const content = this.#winner(name);
    if (!content)
      throw new EvaluationError({ severity: 'error', code: 'undefined-name', message: `\`${name}\` is not defined` });
    const value = this.#compute(name, content);
    this.#values.set(name, value);
    return value;
  }

  #winner(name: string): VariableContent | undefined {
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const content = this.layers[index]?.variables.get(name);
      if (content) return content;
    }
    return undefined;
  }

  #compute(name: string, content: VariableContent): Value {
    switch (content.kind) {
      case 'data':
        return content.value;
      case 'lazy':
        return content.compute();
      case 'located': {
        if (this.#reading.includes(name))
          throw circle([...this.#reading.slice(this.#reading.indexOf(name)), name], content.located.span);
        this.#reading.push(name);
        try {
          return evaluate(content.located, this);
        } finally {
          this.#reading.pop();
        }
      }
    }
  }
}

function circle(names: readonly string[], span: Span): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'variable-circle',
    message: `these variables need each other: ${names.join(' → ')}`,
    span,
  });
}
