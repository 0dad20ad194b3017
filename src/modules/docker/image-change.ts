import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';
import { sh } from '../../shell/text.js';
import { succeeded } from '../support/command-result.js';
import { ModuleFailure, type HostWriter, type ModuleResult } from '../types.js';
import { buildHashLabel, type BuildFolder } from './build-folder.js';
import { dockerOn } from './client.js';
import { engineFailure, unlessMissing } from './errors.js';
import type { ImageFound } from './image.js';
import { fullImageName, parseImageName } from './image-name.js';
import type { ImageParams } from './image-params.js';
import { controllerEngine, type ImageSource } from './image-source.js';
import { followProgress } from './progress.js';

interface ImageChange {
  readonly params: ImageParams;
  readonly source: ImageSource;
  readonly found: ImageFound;
}

/** Brings an image to a host or removes it. Throws ModuleFailure with the engine's words. */
export async function changeImage(host: HostWriter, change: ImageChange): Promise<ModuleResult> {
  const { params, found } = change;
  const docker = dockerOn(host);
  const name = fullImageName(params.name);
  try {
    if (params.state === 'absent') {
      await unlessMissing(docker.getImage(name).remove({ force: params.force }));
      return { values: { image: { name, id: null } } };
    }
    await bring(docker, host, change);
    const image = await unlessMissing(docker.getImage(name).inspect());
    if (image === undefined) throw new ModuleFailure(`the engine took it, but has no image named ${name}`);
    return { changed: image.Id !== found.image?.Id, values: { image: { name, id: image.Id } } };
  } catch (error) {
    throw engineFailure(error, `${params.source} of ${name}`);
  }
}

async function bring(docker: Docker, host: HostWriter, { params, source }: ImageChange): Promise<void> {
  const doing = `${params.source} ${fullImageName(params.name)}`;
  switch (source.kind) {
    case 'pull':
      return pullImage(docker, { host, name: params.name, login: loginOf(params), platform: params.platform });
    case 'build':
      await followProgress(docker, await build(docker, params, source.folder), { host, doing });
      return;
    case 'host-archive': {
      host.progress(doing);
      succeeded(await host.run(sh`docker load -q -i ${source.path}`), { host, doing });
      return;
    }
    case 'archive': {
      const { path, names } = source.archive;
      await followProgress(docker, await docker.loadImage(createReadStream(path)), { host, doing });
      return tag(docker, { name: params.name, from: names[0] ?? source.archive.ids[0] });
    }
    case 'engine': {
      const stream = await controllerEngine().getImage(params.name).get();
      await followProgress(docker, await docker.loadImage(stream), { host, doing });
    }
  }
}

/** Pulls an image, with the layers' progress shown. */
export async function pullImage(
  docker: Docker,
  options: {
    readonly host: HostWriter;
    readonly name: string;
    readonly login?: { readonly username: string; readonly password: string } | undefined;
    readonly platform?: string | undefined;
  },
): Promise<void> {
  const { host, name, login, platform } = options;
  const full = fullImageName(name);
  const stream = await docker.createImage(login, { fromImage: full, ...(platform === undefined ? {} : { platform }) });
  await followProgress(docker, stream, { host, doing: `pull ${full}` });
}

function loginOf({
  username,
  password,
}: ImageParams): { readonly username: string; readonly password: string } | undefined {
  return username === undefined || password === undefined ? undefined : { username, password };
}

function build(docker: Docker, params: ImageParams, folder: BuildFolder): Promise<NodeJS.ReadableStream> {
  return docker.buildImage(
    { context: folder.path, src: [...folder.entries] },
    {
      t: fullImageName(params.name),
      dockerfile: params.dockerfile,
      buildargs: { ...params.build_args },
      labels: { [buildHashLabel]: folder.hash },
      forcerm: true,
      ...(params.target === undefined ? {} : { target: params.target }),
      ...(params.network === undefined ? {} : { networkmode: params.network }),
      ...(params.platform === undefined ? {} : { platform: params.platform }),
    },
  );
}

/** Gives a loaded image the wanted name, when the archive knew it by another. */
async function tag(
  docker: Docker,
  options: { readonly name: string; readonly from: string | undefined },
): Promise<void> {
  const name = fullImageName(options.name);
  if (options.from === undefined || options.from === name) return;
  const { repository, tag: wanted } = parseImageName(name);
  await docker.getImage(options.from).tag({ repo: repository, ...(wanted === undefined ? {} : { tag: wanted }) });
}
