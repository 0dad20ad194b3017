import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ModuleFailure } from '../types.js';

/** What a tar of `docker save` holds, without loading it. */
export interface ImageArchive {
  readonly path: string;
  /** Every id the engine may give the image: that of its configuration, and that of its manifest in a containerd store. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

interface ManifestItem {
  readonly Config?: string;
  readonly RepoTags?: readonly string[] | null;
}

/** Reads the index of an image archive (gzip or plain). Throws ModuleFailure when it is none. */
export async function readImageArchive(path: string): Promise<ImageArchive> {
  const texts = new Map<string, string>();
  // Only a task that reads an archive needs it: every start of the program reads this file.
  const { extract } = await import('tar-stream');
  const archive = extract();
  archive.on('entry', (header, stream, next) => {
    if (header.name !== 'manifest.json' && header.name !== 'index.json') {
      stream.resume();
      stream.once('end', () => next());
      return;
    }
    readEntry(stream).then((text) => {
      texts.set(header.name, text);
      next();
    }, next);
  });
  const source = createReadStream(path);
  try {
    if (await isGzip(path)) await pipeline(source, createGunzip(), archive);
    else await pipeline(source, archive);
  } catch (error) {
    throw new ModuleFailure(`${path} cannot be read as an image archive: ${(error as Error).message}`);
  }
  const manifest = parse(texts.get('manifest.json')) as readonly ManifestItem[] | undefined;
  if (!Array.isArray(manifest)) {
    throw new ModuleFailure(`${path} is no image archive: it holds no manifest.json (make one with \`docker save\`)`);
  }
  const index = parse(texts.get('index.json')) as
    | { readonly manifests?: readonly { readonly digest?: string }[] }
    | undefined;
  const configs = manifest
    .flatMap((item: ManifestItem) => item.Config?.match(/[0-9a-f]{64}/)?.[0] ?? [])
    .map((hex) => `sha256:${hex}`);
  const manifests = (index?.manifests ?? []).flatMap((item) => item.digest ?? []);
  return {
    path,
    ids: [...configs, ...manifests],
    names: manifest.flatMap((item: ManifestItem) => item.RepoTags ?? []),
  };
}

async function isGzip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { start: 0, end: 1 })) {
    const bytes = chunk as Buffer;
    return bytes[0] === 0x1f && bytes[1] === 0x8b;
  }
  return false;
}

async function readEntry(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
