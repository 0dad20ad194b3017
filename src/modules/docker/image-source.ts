import type Docker from 'dockerode';
import { type Controller, ModuleFailure } from '../types.js';
import { readBuildFolder, type BuildFolder } from './build-folder.js';
import { engineFailure, unlessMissing } from './errors.js';
import { readImageArchive, type ImageArchive } from './image-archive.js';
import type { ImageParams } from './image-params.js';
import { dockerLibrary } from './library.js';

/** Where an image comes from, as far as the controller can tell before a host is asked. */
export type ImageSource =
  | { readonly kind: 'pull' }
  | { readonly kind: 'build'; readonly folder: BuildFolder }
  | { readonly kind: 'archive'; readonly archive: ImageArchive }
  /** A tar that lies on the host. */
  | { readonly kind: 'host-archive'; readonly path: string }
  | { readonly kind: 'engine'; readonly id: string };

/** Reads what the controller has of the image. Throws ModuleFailure when it is not there. */
export async function readImageSource(controller: Controller, params: ImageParams): Promise<ImageSource> {
  if (params.state === 'absent') return { kind: 'pull' };
  switch (params.source) {
    case 'pull':
      return { kind: 'pull' };
    case 'build': {
      const path = await controller.find(params.path ?? '', 'files');
      const folder = await readBuildFolder(controller, {
        path,
        dockerfile: params.dockerfile,
        args: params.build_args,
      });
      return { kind: 'build', folder };
    }
    case 'load':
      if (params.remote_src) return { kind: 'host-archive', path: params.path ?? '' };
      return { kind: 'archive', archive: await readImageArchive(await controller.find(params.path ?? '', 'files')) };
    case 'ship': {
      if (params.path === undefined) return { kind: 'engine', id: await controllerImageId(params.name) };
      return { kind: 'archive', archive: await readImageArchive(await controller.find(params.path, 'files')) };
    }
  }
}

/** The controller's own engine, found as Docker's command line finds it (DOCKER_HOST). */
export function controllerEngine(): Docker {
  return new (dockerLibrary())();
}

async function controllerImageId(name: string): Promise<string> {
  try {
    const image = await unlessMissing(controllerEngine().getImage(name).inspect());
    if (image !== undefined) return image.Id;
  } catch (error) {
    throw engineFailure(error, "the controller's own Docker engine does not answer");
  }
  throw new ModuleFailure(
    `the controller's Docker engine has no image ${name}: pull or build it there first, or give \`path\` of a tar`,
  );
}
