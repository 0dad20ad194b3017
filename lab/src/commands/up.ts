import { Listr } from "listr2";
import pLimit from "p-limit";
import { hostAddress, hostName, maximumHosts } from "../hosts/addresses.js";
import { ensureHost, hostContainer } from "../hosts/container.js";
import { presentHosts, removeHost } from "../hosts/present.js";
import { writeInventory } from "../hosts/inventory.js";
import { ensureKey, writeKnownHosts } from "../hosts/keys.js";
import type { Lab } from "../hosts/lab.js";
import { ensureNetwork } from "../hosts/network.js";
import { waitForSsh } from "../hosts/ready.js";
import { claimSlot, type Slot } from "../hosts/slot.js";
import { ensureHostImage } from "../images/host.js";
import { type Engine, ensureEngine } from "../machine/engine.js";
import { withLock } from "../machine/lock.js";
import { inventoryFile } from "../machine/places.js";
import { progress, stepOf } from "../progress.js";

export interface UpOptions {
  /** How many hosts there shall be; without it as many as there are, or five. */
  readonly hosts: number | undefined;
  readonly signal: AbortSignal;
}

const defaultHosts = 5;

interface UpContext {
  engine: Engine;
  slot: Slot;
  image: string;
  count: number;
}

/** Brings the lab to what was asked for; whatever an earlier `up` has finished is left alone. */
export async function up(options: UpOptions): Promise<void> {
  if (options.hosts !== undefined && !(options.hosts >= 1 && options.hosts <= maximumHosts)) {
    throw new Error(`a lab has 1 to ${maximumHosts} hosts, not ${options.hosts}`);
  }
  const { signal } = options;
  const context = {} as UpContext;
  await new Listr<UpContext>(
    [
      {
        title: "Docker engine",
        task: async (ctx, task) => {
          const step = stepOf(task, signal);
          const onWait = (): void => step.say("another lab is busy with the engine");
          // The slot is taken under the engine's lock: whoever stops the last lab's engine looks at the slots under it.
          await withLock("engine", { signal, onWait }, async () => {
            ctx.slot = claimSlot();
            ctx.engine = await ensureEngine(step);
          });
          task.title = `Docker engine (${ctx.engine.ours ? "the lab's own" : "this machine's"})`;
        },
      },
      {
        title: "Host image",
        task: async (ctx, task) => {
          const step = stepOf(task, signal);
          const onWait = (): void => step.say("another lab builds it");
          ctx.image = await withLock("host-image", { signal, onWait }, () => ensureHostImage(ctx.engine.docker, step));
        },
      },
      {
        title: "Hosts",
        task: async (ctx, task) => {
          ctx.count = await bringUpHosts(ctx, { ...options, say: stepOf(task, signal).say });
          task.title = `Hosts (${ctx.count})`;
        },
      },
    ],
    progress(),
  ).run(context);
  console.log(farewell(context));
}

async function bringUpHosts(ctx: UpContext, options: UpOptions & { say(line: string): void }): Promise<number> {
  const lab: Lab = { docker: ctx.engine.docker, slot: ctx.slot };
  const present = await presentHosts(lab);
  const count = options.hosts ?? (present.length > 0 ? present.length : defaultHosts);
  for (const name of present.filter((name) => Number(name.slice("node".length)) > count)) {
    options.say(`removing ${name}`);
    await removeHost(lab, name);
  }
  await ensureNetwork(lab);
  const publicKey = await ensureKey();
  const limit = pLimit(4);
  let ready = 0;
  const hosts = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      limit(async () => {
        options.signal.throwIfAborted();
        const name = hostName(at + 1);
        const address = hostAddress(ctx.slot.number, at + 1);
        await ensureHost(lab, { index: at + 1, image: ctx.image, publicKey });
        await waitForSsh(address, options);
        options.say(`${name} is up (${(ready += 1)} of ${count})`);
        return { name, address, container: hostContainer(lab, name) };
      }),
    ),
  );
  await writeKnownHosts(hosts);
  writeInventory(ctx.slot.number, count);
  return count;
}

function farewell(ctx: UpContext): string {
  return [
    "",
    `The lab is up: ${ctx.count} hosts, inventory ${inventoryFile}`,
    "  npm run lab -- status         what runs where",
    "  npm run lab -- ssh node1      a shell on a host",
    "  npm run lab -- down           take it away again",
  ].join("\n");
}
