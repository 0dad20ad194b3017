import { aside, parseImages, published } from '../images/catalogue.js';
import { publishAll } from '../images/publish-all.js';
import { ensureRegistry } from '../hosts/registry.js';
import type { Step } from '../step.js';
import { exclusively } from './exclusively.js';
import { publishedTags } from '../images/published-tags.js';
import { runningLab } from './running-lab.js';

/** Builds and pushes the named images; without names, lists what there is and what could be. */
export async function images(words: readonly string[], signal: AbortSignal): Promise<void> {
  const step: Step = { signal, say: () => undefined, tell: console.log };
  const lab = await runningLab();
  const registry = await ensureRegistry(lab, step);
  if (words.length === 0) {
    for (const [name, { versions, note }] of Object.entries(published)) {
      const present = new Set(await publishedTags(registry, name));
      const marked = Object.keys(versions).map((version) => (present.has(version) ? version : `(${version})`));
      console.log(`${registry.pull}/lab/${name}${aside(note)}: ${marked.join(' ')}`);
    }
    console.log('(in brackets: not built yet; "npm run lab -- images NAME:VERSION" builds and pushes it)');
    return;
  }
  const wanted = words.flatMap(parseImages);
  await exclusively(step, () => publishAll({ docker: lab.docker, images: wanted, registry }, step));
}
