import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** How long something took, as far as this machine had time for it. */
export interface Stopwatch {
  /** Since its start, less the time in which processes of this machine stood in line for a processor or a disk. */
  milliseconds(): number;
}

/**
 * For what is promised in seconds: other work on the machine is none of the program's time. On a machine that does
 * nothing else this is the wall clock. Source: "some" of /proc/pressure (Linux 4.20); without it, the wall clock.
 */
export function startStopwatch(): Stopwatch {
  const at = performance.now();
  const before = waited();
  return {
    milliseconds: () => {
      const now = waited();
      return performance.now() - at - Math.max(now.cpu - before.cpu, now.io - before.io);
    },
  };
}

/** Milliseconds in which at least one process waited, since the machine started. */
function waited(): Readonly<Record<'cpu' | 'io', number>> {
  return { cpu: totalOf('cpu'), io: totalOf('io') };
}

function totalOf(resource: 'cpu' | 'io'): number {
  try {
    const text = readFileSync(`/proc/pressure/${resource}`, 'utf8');
    return Number(/^some .*total=(\d+)/m.exec(text)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
