import { createHash } from 'node:crypto';
import type { RunEvent, TaskOutcome, TaskRef } from '../../run/events.js';

/** What a preview said of one task, or of one item of its loop, on a host, where it did not say that all is in place. */
export interface Prediction {
  readonly host: string;
  readonly play: string;
  readonly step: string;
  readonly task: string;
  /** From 0; not there for the task as a whole. */
  readonly item?: number;
  readonly status: string;
  /** Of the parts that change, with their values before and after. */
  readonly sum: string;
}

/** Takes the events of a preview; `list` is in the order of hosts and tasks as they ended. */
export function recordPredictions(): {
  readonly event: (event: RunEvent) => void;
  readonly list: () => readonly Prediction[];
} {
  const predictions: Prediction[] = [];
  return {
    event(event) {
      if (event.kind !== 'task-end' && event.kind !== 'item-end') return;
      const { ref, outcome } = event;
      if (!isPending(outcome)) return;
      predictions.push({ ...predictionOf(ref, outcome), ...(event.kind === 'item-end' ? { item: event.item } : {}) });
    },
    list: () => predictions,
  };
}

function isPending({ status }: TaskOutcome): boolean {
  return status !== 'ok' && status !== 'same' && status !== 'skipped';
}

function predictionOf(ref: TaskRef, { status, changes }: TaskOutcome): Prediction {
  const { host, play, step, task } = ref;
  return { host, play, step, task, status, sum: createHash('sha256').update(JSON.stringify(changes)).digest('hex') };
}

/** How two previews of the same plan differ, in words; empty when they say the same. */
export function differencesOf(saved: readonly Prediction[], now: readonly Prediction[]): readonly string[] {
  const before = byKey(saved);
  const after = byKey(now);
  const changed = [...after].flatMap(([key, prediction]) => {
    const earlier = before.get(key);
    if (earlier === undefined)
      return [`${placeOf(prediction)}: ${wordsOf(prediction)}, and the plan says nothing of it`];
    if (earlier.status !== prediction.status)
      return [`${placeOf(prediction)}: ${wordsOf(prediction)}; planned was: ${wordsOf(earlier)}`];
    return earlier.sum === prediction.sum ? [] : [`${placeOf(prediction)}: something else than planned would change`];
  });
  const gone = [...before]
    .filter(([key]) => !after.has(key))
    .map(([, prediction]) => `${placeOf(prediction)}: is in place by now; planned was: ${wordsOf(prediction)}`);
  return [...changed, ...gone];
}

/** A task can run several times in a play (an include in a loop): each time has a number. */
function byKey(predictions: readonly Prediction[]): ReadonlyMap<string, Prediction> {
  const found = new Map<string, Prediction>();
  const times = new Map<string, number>();
  for (const prediction of predictions) {
    const { host, play, step, task, item } = prediction;
    const name = JSON.stringify([host, play, step, task, item ?? null]);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    found.set(`${String(time)} ${name}`, prediction);
  }
  return found;
}

function placeOf({ host, task, item }: Prediction): string {
  return `${host}, "${task}"${item === undefined ? '' : ` (item ${String(item + 1)})`}`;
}

function wordsOf({ status }: Prediction): string {
  return status === 'change' ? 'would change something' : status === 'unknown' ? 'would run' : status;
}
