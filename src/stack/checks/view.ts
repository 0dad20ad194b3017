import type { Span } from '../../core/span.js';
import type { PlanCheckContext } from '../../plan/check.js';
import type { Plan, PlannedPlay } from '../../plan/types.js';
import type { Step } from '../../playbook/types.js';
import type { Located, LocatedEntry } from '../../syntax/located.js';
import type { Value, ValueMap } from '../../template/value.js';

/** The roles of this stack, by the names of their folders. */
export type Component = 'docker' | 'zookeeper' | 'mesos-master' | 'mesos-slave' | 'marathon' | 'bamboo' | 'rsyslog';

/** A component on a host, with its variables as far as they are known before any host is asked. */
export interface Placement {
  readonly component: Component;
  readonly host: string;
  readonly play: PlannedPlay;
  /** Undefined: not known offline (a fact, an address, a template that fails: its own mistake is told elsewhere). */
  value(name: string): Value | undefined;
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  map(name: string): ValueMap;
  /** Where the value is written. */
  span(name: string): Span | undefined;
  /** Where a key of a map is written, else where the map is. */
  keySpan(name: string, key: string): Span | undefined;
}

const components: ReadonlySet<string> = new Set<Component>([
  'docker',
  'zookeeper',
  'mesos-master',
  'mesos-slave',
  'marathon',
  'bamboo',
  'rsyslog',
]);

/** Every component on every host of a plan. */
export function placements(plan: Plan, context: PlanCheckContext): readonly Placement[] {
  return plan.plays.flatMap((play) => {
    const roles = new Set(rolesOf(play.play.roles).filter(isComponent));
    return play.hosts.flatMap((host) => [...roles].map((component) => placement({ component, host, play, context })));
  });
}

function rolesOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'role' ? [step.context.role.name, ...rolesOf(step.steps)] : []));
}

function isComponent(name: string): name is Component {
  return components.has(name);
}

function placement(options: {
  readonly component: Component;
  readonly host: string;
  readonly play: PlannedPlay;
  readonly context: PlanCheckContext;
}): Placement {
  const { component, host, play, context } = options;
  const scope = context.scopeOf(play, host);
  const value = (name: string): Value | undefined => {
    try {
      return scope.read(name);
    } catch {
      return undefined;
    }
  };
  const located = (name: string): Located | undefined => {
    const content = scope.origins(name)[0]?.content;
    return content?.kind === 'located' ? content.located : undefined;
  };
  return {
    component,
    host,
    play,
    value,
    text: (name) => asText(value(name)),
    number: (name) => asNumber(value(name)),
    flag: (name) => asFlag(value(name)),
    map: (name) => asMap(value(name)),
    span: (name) => located(name)?.span,
    keySpan: (name, key) => entryAt(located(name), key)?.keySpan ?? located(name)?.span,
  };
}

function asText(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

function asNumber(value: Value | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' ? number : undefined;
}

function asFlag(value: Value | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asMap(value: Value | undefined): ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ValueMap) : {};
}

function entryAt(located: Located | undefined, key: string): LocatedEntry | undefined {
  return located?.kind === 'map' ? located.entries.find((entry) => entry.key === key) : undefined;
}

/** Hosts of a group as the inventory has them. */
export function groupSize(context: PlanCheckContext, group: string | undefined): number | undefined {
  return group === undefined ? undefined : context.inventory.groups.get(group)?.hosts.length;
}
