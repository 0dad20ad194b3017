import { outerFrame, runBatch } from './batch.js';
import { confirmHosts } from './confirm.js';
import type { PlayHost, PlayState } from './play-state.js';
import { walk } from './walk.js';

/** Gives every host that was walked: a stopped rollout leaves the later batches untouched. */
export async function runBatches(play: PlayState): Promise<readonly PlayHost[]> {
  const { run, planned } = play;
  const walked: PlayHost[] = [];
  for (const [index, names] of planned.batches.entries()) {
    if (play.stopped !== undefined || play.ended || run.halted) break;
    const hosts = names
      .flatMap((name) => play.hosts.get(name) ?? [])
      .filter((host) => !host.ended && !host.state.unreachable);
    if (hosts.length === 0) continue;
    run.bus.emit({
      kind: 'batch-start',
      play: planned.name,
      number: index + 1,
      count: planned.batches.length,
      hosts: hosts.map((host) => host.state.name),
    });
    walked.push(...hosts);
    await takeThrough(play, { hosts, number: index + 1 });
    if (!run.halted && hosts.every((host) => play.lost.has(host.state.name))) {
      play.stopped ??= planned.batches.length > 1 ? `every host of batch ${index + 1} failed` : 'every host failed';
    }
  }
  return walked;
}

/** Takes hosts through the whole play together, and asks its gate after them. */
export async function takeThrough(
  play: PlayState,
  batch: { readonly hosts: readonly PlayHost[]; readonly number: number },
): Promise<void> {
  play.batch = { ...batch, once: new Map(), onceFailed: new Map(), throttles: new Map() };
  await runBatch(play);
  await runGate(play);
}

/** `gate`: what must hold on the batch before the next one begins. */
async function runGate(play: PlayState): Promise<void> {
  const { gate } = play.planned.play;
  if (gate.length === 0 || play.stopped !== undefined) return;
  const lostBefore = play.lost.size;
  await walk(gate, play.batch.hosts, outerFrame(play, 'gate'));
  await confirmHosts(play.batch.hosts, play);
  if (play.lost.size > lostBefore) play.stopped ??= `the gate after batch ${play.batch.number} did not hold`;
}
