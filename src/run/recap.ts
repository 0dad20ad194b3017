import type { HostRecap, RunEvent, TaskOutcome } from './events.js';

type Counts = { -readonly [Key in keyof HostRecap]: HostRecap[Key] };

/** Counts what became of each host's tasks. A listener of the run's events like any report. */
export class Recap {
  readonly #hosts = new Map<string, Counts>();
  #known = 0;
  #all = 0;

  /** Listens to an event. */
  readonly take = (event: RunEvent): void => {
    if (event.kind === 'play-start') for (const host of event.hosts) this.#of(host);
    if (event.kind === 'host-unreachable') {
      const counts = this.#of(event.host);
      counts.unreachableReason = event.reason;
      counts.message = event.message;
    }
    if (event.kind === 'rollout-gate' && event.state === 'failed' && (event.phase === 'step' || event.phase === 'soak'))
      for (const host of event.hosts) this.#of(host).failed++;
    if (event.kind === 'task-end') this.#count(this.#of(event.ref.host), event.outcome);
  };

  /** One line a host, in the given order, hosts that took no part left out. */
  list(order: Iterable<string>): readonly HostRecap[] {
    return [...order].flatMap((host) => this.#hosts.get(host) ?? []);
  }

  /** How many of a preview's outcomes were certain. */
  get predicted(): { readonly known: number; readonly all: number } {
    return { known: this.#known, all: this.#all };
  }

  #of(host: string): Counts {
    const known = this.#hosts.get(host);
    if (known) return known;
    const counts: Counts = {
      host,
      ok: 0,
      changed: 0,
      unknown: 0,
      skipped: 0,
      failed: 0,
      unreachable: 0,
      rescued: 0,
      ignored: 0,
      milliseconds: 0,
    };
    this.#hosts.set(host, counts);
    return counts;
  }

  #count(counts: Counts, outcome: TaskOutcome): void {
    counts.milliseconds += outcome.milliseconds;
    this.#all++;
    if (outcome.status !== 'unknown') this.#known++;
    if (outcome.ignored) counts.ignored++;
    else if (outcome.rescued) counts.rescued++;
    else counts[countOf[outcome.status]]++;
  }
}

const countOf = {
  ok: 'ok',
  same: 'ok',
  changed: 'changed',
  change: 'changed',
  unknown: 'unknown',
  skipped: 'skipped',
  failed: 'failed',
  unreachable: 'unreachable',
} as const;
