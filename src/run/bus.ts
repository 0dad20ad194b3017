import type { Masker } from '../shell/masker.js';
import type { EventSink, RunEvent } from './events.js';

/** Hands every event to its listeners in order, with every known secret masked. The only way out of a run. */
export class EventBus {
  readonly #masker: Masker;
  readonly #sinks: readonly EventSink[];

  constructor(masker: Masker, sinks: readonly EventSink[]) {
    this.#masker = masker;
    this.#sinks = sinks;
  }

  emit(event: RunEvent): void {
    const masked = this.#masker.maskData(event);
    for (const sink of this.#sinks) sink(masked);
  }
}
