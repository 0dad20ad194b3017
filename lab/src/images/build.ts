import type Docker from 'dockerode';
import { readdirSync } from 'node:fs';
import { isMissing } from '../machine/missing.js';
import type { Step } from '../step.js';
import { follow } from './follow.js';

export interface Build {
  readonly docker: Docker;
  /** The folder with the Dockerfile and all it copies. */
  readonly context: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly tag: string;
}

/** `docker build` with the machine's network, since the lab's engine may have no default bridge. */
export async function buildImage(build: Build, step: Step): Promise<void> {
  const stream = await build.docker.buildImage(
    { context: build.context, src: readdirSync(build.context) },
    { t: build.tag, buildargs: { ...build.arguments }, networkmode: 'host', forcerm: true, abortSignal: step.signal },
  );
  await follow(build.docker, stream, step);
}

export async function imageExists(docker: Docker, tag: string): Promise<boolean> {
  return (await imageId(docker, tag)) !== undefined;
}

export async function imageId(docker: Docker, tag: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(tag).inspect()).Id;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
