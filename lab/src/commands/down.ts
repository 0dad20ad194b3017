import { existsSync, rmSync } from 'node:fs';
import { registryVolume } from '../hosts/registry.js';
import { ownSlot, releaseSlot, takenSlots } from '../hosts/slot.js';
import { tearDown } from '../hosts/tear-down.js';
import { removeAllImages, removeStaleImages } from '../images/stale.js';
import { type Engine, ensureEngine, findEngine, stopEngine } from '../machine/engine.js';
import { withLock } from '../machine/lock.js';
import { unlessMissing } from '../machine/missing.js';
import { engineDirectory, machineDirectory, stateDirectory } from '../machine/places.js';
import type { Step } from '../step.js';
import { exclusively } from './exclusively.js';

export interface DownOptions {
  /** Removes what all labs share too: base images, downloaded packages, the registry's contents. */
  readonly purge: boolean;
  readonly signal: AbortSignal;
}

/** Takes this checkout's lab away, and with the last lab of the machine the engine that was started for it. */
export async function down(options: DownOptions): Promise<void> {
  const say = (line: string): void => console.log(line);
  const step: Step = { signal: options.signal, say, tell: say };
  await exclusively(step, () =>
    withLock('engine', { signal: options.signal, onWait: () => say('waiting for another lab') }, () =>
      remove(options, step),
    ),
  );
}

async function remove(options: DownOptions, step: Step): Promise<void> {
  const slot = ownSlot();
  let engine = await findEngine();
  if (slot !== undefined) {
    // After a reboot our engine sleeps and still has the lab on its disk.
    if (engine === undefined && existsSync(engineDirectory)) engine = await ensureEngine(step);
    if (engine !== undefined) await tearDown({ docker: engine.docker, slot }, step);
    releaseSlot(slot);
  }
  rmSync(stateDirectory, { recursive: true, force: true });
  step.say(slot === undefined ? 'No lab of this checkout is up.' : 'The lab is down.');
  const others = takenSlots();
  if (others.length > 0) {
    const note = options.purge ? ' What all labs share is kept for them.' : '';
    step.say(`Other labs of this machine go on: ${others.map((other) => other.checkout).join(', ')}.${note}`);
    return;
  }
  if (options.purge) return purge(engine, step);
  if (engine !== undefined) await removeStaleImages(engine.docker);
  if (engine?.ours !== false) await stopEngine(step);
  if (existsSync(machineDirectory))
    step.say(`Kept for the next time: images and packages in ${keptIn(engine)} ("down --purge" removes them).`);
}

function keptIn(engine: Engine | undefined): string {
  return engine?.ours === false ? `this machine's Docker engine and ${machineDirectory}` : machineDirectory;
}

async function purge(engine: Engine | undefined, step: Step): Promise<void> {
  if (engine?.ours === false) {
    await unlessMissing(engine.docker.getVolume(registryVolume).remove());
    await removeAllImages(engine.docker);
  }
  await stopEngine(step);
  rmSync(machineDirectory, { recursive: true, force: true });
  step.say('Images and packages are gone too. Debian packages that up installed on this machine stay installed.');
}
