import type { Refusal } from '../../rollout/types.js';
import type { PlayState } from '../play-state.js';

/** Says why nothing further is stepped: the play stops, and the run as a whole has failed. A preview goes on looking. */
export function refuse(play: PlayState, refusal: Refusal): void {
  const { run, planned } = play;
  run.bus.emit({ kind: 'rollout-refused', play: planned.name, ...refusal });
  run.refused = true;
  if (!run.request.options.preview) play.stopped ??= 'the rollout was refused';
}
