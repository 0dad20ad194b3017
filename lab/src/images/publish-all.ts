import pLimit from 'p-limit';
import type Docker from 'dockerode';
import { readMirror } from '../machine/mirror.js';
import type { Step } from '../step.js';
import { type PublishedImage, published } from './catalogue.js';
import { publish, type RegistryAddresses } from './publish.js';
import { ensureImage } from './recipe.js';

export interface PublishAll {
  readonly docker: Docker;
  readonly images: readonly PublishedImage[];
  readonly registry: RegistryAddresses;
}

/** Builds images and pushes each as soon as it is there. */
export async function publishAll(order: PublishAll, step: Step): Promise<void> {
  const mirror = await readMirror();
  const limit = pLimit(3);
  let finished = 0;
  const outcomes = await Promise.allSettled(
    order.images.map(({ name, version }) =>
      limit(async () => {
        const recipe = published[name]?.versions[version];
        if (recipe === undefined) throw new Error(`lab/images has no ${name}:${version}`);
        const own: Step = { ...step, say: (line) => step.say(`${name}:${version}: ${line}`) };
        const tag = await ensureImage({ recipe, version, docker: order.docker, mirror }, own);
        await publish({ docker: order.docker, tag, name: `lab/${name}:${version}`, registry: order.registry }, own);
        step.tell(`${name}:${version} is in the registry (${(finished += 1)} of ${order.images.length})`);
      }),
    ),
  );
  step.signal.throwIfAborted();
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => String(outcome.reason));
  if (failed.length > 0) throw new Error([...new Set(failed)].join('\n'));
}
