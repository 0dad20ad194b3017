import type Docker from 'dockerode';
import { Listr, type ListrTask } from 'listr2';
import { maximumHosts } from '../hosts/addresses.js';
import { bringUpHosts, wantedHosts } from '../hosts/bring-up.js';
import type { Lab } from '../hosts/lab.js';
import { ensureNetwork } from '../hosts/network.js';
import { ensureRegistry } from '../hosts/registry.js';
import { claimSlot, orphanedSlots, releaseSlot } from '../hosts/slot.js';
import { tearDown } from '../hosts/tear-down.js';
import { usualImages } from '../images/catalogue.js';
import { ensureHostImage } from '../images/host.js';
import { publishAll } from '../images/publish-all.js';
import { ensureEngine } from '../machine/engine.js';
import { withLock } from '../machine/lock.js';
import { installPackages } from '../machine/packages.js';
import { inventoryFile } from '../machine/places.js';
import { sweepWorkspaces } from '../machine/workspace.js';
import { progress, stepOf } from '../progress.js';
import type { Step } from '../step.js';
import { exclusively } from './exclusively.js';

export interface UpOptions {
  /** How many hosts there shall be; without it as many as there are, or five. */
  readonly hosts: number | undefined;
  /** False: hosts only, no registry and no images. */
  readonly images: boolean;
  readonly signal: AbortSignal;
}

interface UpContext {
  lab: Lab;
  count: number;
  failures: unknown[];
}

/** Brings the lab to what was asked for; whatever an earlier `up` has finished is left alone. */
export async function up(options: UpOptions): Promise<void> {
  if (options.hosts !== undefined && options.hosts > maximumHosts) {
    throw new Error(`a lab has 1 to ${maximumHosts} hosts, not ${options.hosts}`);
  }
  const step: Step = { signal: options.signal, say: console.log, tell: console.log };
  await exclusively(step, () => bringUp(options));
}

async function bringUp(options: UpOptions): Promise<void> {
  const started = Date.now();
  const context = { failures: [] as unknown[] } as UpContext;
  const tracks = options.images ? [hostsTask(options), imagesTask(options)] : [hostsTask(options)];
  const tasks: ListrTask<UpContext>[] = [
    engineTask(options),
    // One track's failure must not leave the other running behind our back: both end, then the failures are told.
    {
      title: 'Hosts and images',
      task: (_, task) => task.newListr(tracks.map(collectingFailure), { concurrent: true, exitOnError: false }),
    },
  ];
  await new Listr<UpContext>(tasks, progress()).run(context);
  options.signal.throwIfAborted();
  if (context.failures.length > 0)
    throw new AggregateError(context.failures, context.failures.map(messageOf).join('\n'));
  console.log(farewell(context, Math.round((Date.now() - started) / 1000)));
}

function engineTask(options: UpOptions): ListrTask<UpContext> {
  return {
    title: 'Docker engine',
    task: async (context, task) => {
      const step = stepOf(task, options.signal);
      const onWait = (): void => step.say('another lab is busy with the engine');
      await withLock('engine', { signal: options.signal, onWait }, async () => {
        const engine = await ensureEngine(step);
        // Taken under the engine's lock: whoever stops the last lab's engine looks at the slots under it.
        sweepWorkspaces();
        await sweep(engine.docker, step);
        context.lab = { docker: engine.docker, slot: claimSlot() };
        task.title = `Docker engine (${engine.ours ? "the lab's own" : "this machine's"})`;
        await installPackages(['mmdebstrap', 'debian-archive-keyring', 'openssh-client'], step);
      });
      await ensureNetwork(context.lab);
      context.count = await wantedHosts(context.lab, options.hosts);
    },
  };
}

/** Takes away the labs of checkouts that were deleted without a `down`. */
async function sweep(docker: Docker, step: Step): Promise<void> {
  for (const slot of orphanedSlots()) {
    step.tell(`taking away the lab of ${slot.checkout}, which is gone`);
    await tearDown({ docker, slot }, step);
    releaseSlot(slot);
  }
}

function hostsTask(options: UpOptions): ListrTask<UpContext> {
  return {
    title: 'Hosts',
    task: async ({ lab, count }, task) => {
      const step = stepOf(task, options.signal);
      const onWait = (): void => step.say("another lab builds the hosts' image");
      const image = await withLock('host-image', { signal: options.signal, onWait }, () =>
        ensureHostImage(lab.docker, step),
      );
      await bringUpHosts(lab, { image, count }, step);
      task.title = `Hosts (${count})`;
    },
  };
}

function imagesTask(options: UpOptions): ListrTask<UpContext> {
  return {
    title: 'Registry and images',
    task: async ({ lab }, task) => {
      const step = stepOf(task, options.signal);
      const registry = await ensureRegistry(lab, step);
      await publishAll({ docker: lab.docker, images: usualImages(), registry }, step);
    },
  };
}

function collectingFailure(task: ListrTask<UpContext>): ListrTask<UpContext> {
  return {
    ...task,
    task: async (context, wrapper) => {
      try {
        await task.task?.(context, wrapper);
      } catch (error) {
        context.failures.push(error);
        throw error;
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function farewell(context: UpContext, seconds: number): string {
  return [
    '',
    `The lab is up after ${seconds} s: ${context.count} host${context.count === 1 ? '' : 's'}, inventory ${inventoryFile}`,
    '  npm run lab -- status         what runs where',
    '  npm run lab -- ssh node1      a shell on a host',
    '  npm run lab -- down           take it away again',
  ].join('\n');
}
