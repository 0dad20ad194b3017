import { hostname } from 'node:os';
import type { Inventory } from '../inventory/types.js';
import type { PlannedPlay } from '../plan/types.js';
import { EvaluationError, FactsNeeded } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { ScopeLayer } from '../template/types.js';
import type { Value, ValueMap } from '../template/value.js';
import type { HostState } from './host-state.js';
import { lazyLayer } from './layers.js';
import type { PlayState } from './play-state.js';
import type { RunState } from './run-state.js';
import { hostScope } from './task-scope.js';

/** The names that are always there for a host of a play: `host`, `groups`, `hosts`, `facts`, `play`, `run`. */
export function builtinLayer(options: BuiltinOptions): ScopeLayer {
  const { run, planned, state, play } = options;
  const hostsByName = new WeakMap<Inventory, ValueMap>();
  return lazyLayer('built-in', {
    host: () => hostValue({ run, planned, state, play }),
    groups: () => groupsValue(run),
    hosts: () => {
      const known = hostsByName.get(run.inventory) ?? hostsValue({ run, planned, play });
      hostsByName.set(run.inventory, known);
      return known;
    },
    facts: () => factsValue(state, planned),
    play: () => ({
      name: planned.name,
      hosts: [...planned.hosts],
      batch: play().batch.hosts.map((host) => host.state.name),
    }),
    run: () => ({
      id: run.request.id,
      preview: run.request.options.preview,
      rolling: play().rolling,
      controller: hostname(),
      started: run.started,
      playbooks: [...run.request.plan.playbooks],
    }),
  });
}

interface BuiltinOptions {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly state: HostState;
  /** The batch under way is read late: it changes while the play goes on. */
  readonly play: () => PlayState;
}

function hostValue(options: BuiltinOptions): ValueMap {
  const { run, planned, state } = options;
  const address = run.request.addressOf?.(state.name);
  const known = {
    name: state.name,
    address: address?.address ?? state.name,
    ...(address?.port === undefined ? {} : { port: address.port }),
    ...(address?.user === undefined ? {} : { user: address.user }),
    groups: [...(state.inventory?.groups ?? [])],
  };
  return lazyMap(Object.keys(known).concat('vars'), (name) =>
    name === 'vars'
      ? variablesValue(hostScope({ state, run, play: planned.play, builtins: builtinLayer(options) }))
      : (known[name as keyof typeof known] as Value),
  );
}

function hostsValue(options: Omit<BuiltinOptions, 'state'>): ValueMap {
  const { run, planned } = options;
  return lazyMap(run.inventory.hosts.keys(), (name) => {
    const state = run.host(name);
    const host = hostValue({ ...options, state });
    return lazyMap([...Object.keys(host), 'facts'], (member) =>
      member === 'facts' ? factsValue(state, planned) : host[member]!,
    );
  });
}

function groupsValue(run: RunState): ValueMap {
  return lazyMap(run.inventory.groups.keys(), (name) => [...(run.inventory.groups.get(name)?.hosts ?? [])]);
}

function factsValue(state: HostState, planned: PlannedPlay): ValueMap {
  if (!planned.play.facts) {
    throw new EvaluationError({
      severity: 'error',
      code: 'facts-off',
      message: `the play "${planned.name}" does not read facts`,
      hint: 'leave out `facts: false`',
    });
  }
  if (!state.facts) throw new FactsNeeded(state.name);
  return state.facts;
}

function variablesValue(scope: Scope): ValueMap {
  return lazyMap(scope.names(), (name) => scope.read(name));
}

/** A map whose values are computed when they are read: most variables of most hosts never are. */
function lazyMap(names: Iterable<string>, compute: (name: string) => Value): ValueMap {
  const map: Record<string, Value> = {};
  for (const name of names)
    Object.defineProperty(map, name, { enumerable: true, configurable: true, get: () => compute(name) });
  return map;
}
