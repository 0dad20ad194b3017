import type Docker from 'dockerode';
import { unlessMissing } from '../machine/missing.js';
import { grounds, published, registryRecipe } from './catalogue.js';
import { hostImageTags } from './host.js';
import { tagOf } from './recipe.js';

/** All tags of the lab's own images in the engine, of this checkout's recipes or others'. */
async function allTags(docker: Docker): Promise<readonly string[]> {
  const images = await docker.listImages({ filters: { reference: ['runner-lab/*'] } });
  return images.flatMap((image) => image.RepoTags ?? []).filter((tag) => tag.startsWith('runner-lab/'));
}

function currentTags(): ReadonlySet<string> {
  const versions = Object.values(published).flatMap((image) => Object.entries(image.versions));
  return new Set([
    ...hostImageTags(),
    ...[...Object.values(grounds), registryRecipe].map((recipe) => tagOf({ recipe, version: '' })),
    ...versions.map(([version, recipe]) => tagOf({ recipe, version })),
  ]);
}

/** Removes the images that were made from older recipes. Only when no other lab is up: it might be made from those. */
export async function removeStaleImages(docker: Docker): Promise<void> {
  const current = currentTags();
  await removeTags(
    docker,
    (await allTags(docker)).filter((tag) => !current.has(tag)),
  );
}

export async function removeAllImages(docker: Docker): Promise<void> {
  await removeTags(docker, await allTags(docker));
}

async function removeTags(docker: Docker, tags: readonly string[]): Promise<void> {
  // One after the other: images stand on one another.
  for (const tag of tags) await unlessMissing(docker.getImage(tag).remove({ force: true }));
}
