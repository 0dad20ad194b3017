import { cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type Docker from 'dockerode';
import type { Mirror } from '../machine/mirror.js';
import { withLock } from '../machine/lock.js';
import { checkout, imagesDirectory } from '../machine/places.js';
import { run } from '../machine/process.js';
import { withWorkspace } from '../machine/workspace.js';
import type { Step } from '../step.js';
import { buildImage, imageExists } from './build.js';
import { grounds, type Recipe } from './catalogue.js';
import { downloadDebs } from './debs.js';
import { makeLayer } from './layer.js';
import { fingerprint } from './name.js';

export interface RecipeOrder {
  readonly recipe: Recipe;
  /** Given to the recipe as the build argument VERSION; empty for what has none. */
  readonly version: string;
  readonly docker: Docker;
  readonly mirror: Mirror;
}

const standIns = join(checkout, 'lab', 'standins');
const clientModules = ['node-zookeeper-client', 'async', 'underscore'];

/** Builds an image and what it stands on, unless they are there. Safe to call for many at once. @returns its tag in the engine */
export async function ensureImage(order: RecipeOrder, step: Step): Promise<string> {
  const tag = tagOf(order);
  if (await imageExists(order.docker, tag)) return tag;
  const ground =
    order.recipe.from === undefined ? undefined : await ensureImage(groundOrder(order, order.recipe.from), step);
  const onWait = (): void => step.say(`waiting for ${basename(tag)}`);
  await withLock(`image-${order.recipe.folder}-${order.version}`, { signal: step.signal, onWait }, async () => {
    if (!(await imageExists(order.docker, tag))) await build({ ...order, tag, ground }, step);
  });
  return tag;
}

function groundOrder(order: RecipeOrder, name: string): RecipeOrder {
  const recipe = grounds[name];
  if (recipe === undefined) throw new Error(`lab/images has no ground called ${name}`);
  return { ...order, recipe, version: '' };
}

/** `runner-lab/NAME:VERSION-FINGERPRINT`; the fingerprint covers the recipe and all it stands on. */
export function tagOf(order: Pick<RecipeOrder, 'recipe' | 'version'>): string {
  const { recipe, version } = order;
  const ground = recipe.from === undefined ? undefined : grounds[recipe.from];
  const below = ground === undefined ? '' : tagOf({ recipe: ground, version: '' });
  const directories = [join(imagesDirectory, recipe.folder)];
  if (recipe.withStandIns === true) directories.push(...['src', 'bin', 'flags'].map((name) => join(standIns, name)));
  const print = fingerprint([below, recipe.suite, version], directories);
  return `runner-lab/${recipe.folder}:${[version, print].filter((word) => word !== '').join('-')}`;
}

async function build(order: RecipeOrder & { tag: string; ground: string | undefined }, step: Step): Promise<void> {
  await withWorkspace(order.recipe.folder, async (work) => {
    const context = join(work, 'context');
    const folder = join(imagesDirectory, order.recipe.folder);
    cpSync(folder, context, { recursive: true });
    const names = packagesOf(folder, order.recipe.suite);
    if (names.length > 0) {
      const { mirror } = order;
      const { suite } = order.recipe;
      const onWait = (): void => step.say('waiting for other packages');
      const debs = await withLock('packages', { signal: step.signal, onWait }, () =>
        downloadDebs({ mirror, suite, names }, step),
      );
      step.say('unpacking packages');
      await makeLayer(
        {
          debs,
          tar: join(context, 'packages.tar'),
          work: join(work, 'layer'),
          bottom: order.recipe.from === undefined,
        },
        step,
      );
    }
    if (order.recipe.withStandIns === true) await addStandIns(join(context, 'standins'), step);
    await buildImage(
      {
        docker: order.docker,
        context,
        arguments: { BASE: order.ground ?? 'scratch', VERSION: order.version },
        tag: order.tag,
      },
      step,
    );
  });
}

/** The lines of `packages.SUITE` beside the Dockerfile; a recipe without the file needs no packages. */
function packagesOf(folder: string, suite: string): readonly string[] {
  const file = join(folder, `packages.${suite}`);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Compiles the stand-ins into the image's context and adds what they need at run time. */
async function addStandIns(target: string, step: Step): Promise<void> {
  step.say('compiling the stand-ins');
  const compiler = join(checkout, 'node_modules', '.bin', 'tsc');
  await run([compiler, '-p', join(standIns, 'tsconfig.json'), '--outDir', join(target, 'dist')], {
    signal: step.signal,
  });
  for (const part of ['package.json', 'bin', 'flags'])
    cpSync(join(standIns, part), join(target, part), { recursive: true });
  for (const name of clientModules) {
    cpSync(join(checkout, 'node_modules', name), join(target, 'node_modules', name), {
      recursive: true,
      dereference: true,
    });
  }
}
