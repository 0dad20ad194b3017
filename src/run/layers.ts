import type { VariableBlock } from '../playbook/types.js';
import type { ScopeLayer, VariableContent } from '../template/types.js';
import type { Value } from '../template/value.js';
import type { VariableLayer } from '../inventory/types.js';

const locatedLayers = new WeakMap<object, ScopeLayer>();

/** Variables written in the controller's files, as a layer of a scope: their templates are rendered when read. */
export function blockLayer(block: VariableBlock): ScopeLayer {
  return locatedLayer(block, block.origin);
}

export function inventoryLayer(layer: VariableLayer): ScopeLayer {
  return locatedLayer(layer, layer.name);
}

/** Plain data as a layer: never rendered. */
export function dataLayer(origin: string, values: Readonly<Record<string, Value>>): ScopeLayer {
  return { origin, variables: new Map(Object.entries(values).map(([name, value]) => [name, { kind: 'data', value }])) };
}

/** Values computed when first read. */
export function lazyLayer(origin: string, values: Readonly<Record<string, () => Value>>): ScopeLayer {
  return {
    origin,
    variables: new Map(Object.entries(values).map(([name, compute]) => [name, { kind: 'lazy', compute }])),
  };
}

function locatedLayer(source: VariableBlock | VariableLayer, origin: string): ScopeLayer {
  const known = locatedLayers.get(source);
  if (known) return known;
  const variables = new Map<string, VariableContent>();
  for (const [name, located] of source.values) variables.set(name, { kind: 'located', located });
  const layer: ScopeLayer = { origin, variables };
  locatedLayers.set(source, layer);
  return layer;
}
