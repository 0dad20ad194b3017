import { defineModule } from '../support/define.js';
import type { Change, Comparison } from '../types.js';
import { buildHashLabel } from './build-folder.js';
import type { ImageState } from './engine-types.js';
import { changeImage } from './image-change.js';
import { imageResource, fullImageName } from './image-name.js';
import { imageParams, type ImageParams } from './image-params.js';
import { readImageSource, type ImageSource } from './image-source.js';
import { engineLook, inspect, parseEngineLook, withoutEngine, type EngineProblem } from './look.js';

export interface ImageFound {
  readonly problem: EngineProblem | undefined;
  readonly image: ImageState | undefined;
}

/** Images of a host's engine. */
export const dockerImage = defineModule<ImageParams, ImageSource, ImageFound>({
  name: 'docker_image',
  summary: 'Pulls, builds, loads, ships or removes an image of the Docker engine.',
  params: imageParams,
  secrets: ['password'],
  prepare: readImageSource,
  look: ({ params }) => ({
    kind: 'script',
    script: engineLook([inspect('image', { type: 'image', name: params.name })]),
    parse(reply) {
      const look = parseEngineLook(reply, ['image']);
      return { problem: look.problem, image: look.object('image') as ImageState | undefined };
    },
  }),
  compare(found, { params, prepared, preview, promised }) {
    if (found.problem !== undefined) {
      const change: Comparison = params.state === 'absent' ? { kind: 'same' } : wouldChange(params, [created(params)]);
      return withoutEngine(found.problem, { preview, promised, change });
    }
    const id = found.image?.Id;
    const values = { image: { name: fullImageName(params.name), id: id ?? null } };
    if (params.state === 'absent') {
      return id === undefined
        ? { kind: 'same', values }
        : { kind: 'change', changes: [{ part: 'image', before: params.name }], values };
    }
    if (id === undefined) return wouldChange(params, [created(params)]);
    const differs = difference(found.image, prepared);
    if (differs !== undefined) return wouldChange(params, [differs]);
    if (!params.force) return { kind: 'same', values };
    return params.source === 'pull'
      ? { kind: 'act', summary: `pull ${params.name}, whether or not there is a newer one` }
      : wouldChange(params, [{ part: 'image', before: params.name, after: `${params.name}, again (force)` }]);
  },
  change: (host, { params, prepared, found }) => changeImage(host, { params, source: prepared, found }),
});

function wouldChange(params: ImageParams, changes: readonly Change[]): Comparison {
  return { kind: 'change', changes, provides: [imageResource(params.name)] };
}

function created(params: ImageParams): Change {
  return { part: 'image', after: `${fullImageName(params.name)} (${params.source})` };
}

/** How the host's image differs from what the controller has; undefined when it does not, or when only a registry could tell. */
function difference(image: ImageState | undefined, source: ImageSource): Change | undefined {
  const id = image?.Id ?? '';
  switch (source.kind) {
    case 'pull':
    case 'host-archive':
      return undefined;
    case 'build': {
      const before = image?.Config?.Labels?.[buildHashLabel];
      if (before === source.folder.hash) return undefined;
      return {
        part: 'build folder',
        ...(before === undefined ? {} : { before: before.slice(0, 12) }),
        after: source.folder.hash.slice(0, 12),
      };
    }
    case 'archive': {
      if (source.archive.ids.includes(id)) return undefined;
      return { part: 'image id', before: id, after: source.archive.ids[0] ?? source.archive.path };
    }
    case 'engine':
      return source.id === id ? undefined : { part: 'image id', before: id, after: source.id };
  }
}
