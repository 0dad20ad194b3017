import { runBatch } from '../batch.js';
import { EventBus } from '../bus.js';
import { createPlay } from '../create-play.js';
import type { PlayHost, PlayState } from '../play-state.js';
import { RunState } from '../run-state.js';

/**
 * What a host's part in the play would come to. fails: it would fail before anything differs; unreachable: it does not
 * answer.
 */
export type Forecast = 'same' | 'differs' | 'fails' | 'unreachable';

/**
 * Runs the play as a preview inside the run, without a word: the run's own state stays as it is. Throws what ends the
 * whole run (a mistake in an included file).
 */
export async function rehearse(play: PlayState, hosts: readonly PlayHost[]): Promise<(host: PlayHost) => Forecast> {
  const { run, planned, leftOut } = play;
  const { confirm: _confirm, dueHandlers: _due, ...options } = run.request.options;
  const shadow = new RunState({
    request: { ...run.request, options: { ...options, preview: true } },
    bus: new EventBus(run.request.masker, []),
    clock: run.clock,
    rehearses: run,
  });
  const names = hosts.map(({ state }) => state.name);
  const copy = createPlay({ run: shadow, planned, left: names, leftOut });
  for (const host of hosts) {
    const twin = copy.hosts.get(host.state.name);
    if (twin) twin.varsFiles = host.varsFiles;
  }
  copy.batch = { ...copy.batch, hosts: [...copy.hosts.values()], number: 1 };
  await runBatch(copy);
  if (shadow.fatal) throw shadow.fatal.error;
  return (host) => {
    const twin = copy.hosts.get(host.state.name);
    // A handler that an earlier run left due may restart what runs here.
    if (twin?.differs === true || host.notified.size > 0) return 'differs';
    if (twin?.state.unreachable === true) return 'unreachable';
    return copy.lost.has(host.state.name) ? 'fails' : 'same';
  };
}
