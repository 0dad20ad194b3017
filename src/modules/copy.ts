import { z } from 'zod';
import { assertNever } from '../core/assert.js';
import type { Value } from '../template/value.js';
import { ModuleFailure, type Controller } from './types.js';
import { compareRemote, lookAtRemote, parseRemote, writeRemote, type RemoteFound } from './support/copy-remote.js';
import {
  compareTree,
  lookAtTree,
  parseTree,
  readTree,
  writeTree,
  type TreeFound,
  type TreeSource,
} from './support/copy-tree.js';
import { diffLimit } from './support/content-change.js';
import { decryptField, plainBytes } from './support/decrypt.js';
import { defineModule, params } from './support/define.js';
import { largeFile, lookAtLarge } from './support/large-file.js';
import { flag, mode, modeOrPreserve, path, word, validation } from './support/fields.js';
import {
  bytesContent,
  compareTarget,
  lookAtTarget,
  parseTarget,
  secretContent,
  writeTarget,
  type TargetFound,
  type WantedContent,
} from './support/target-file.js';

const copyParams = params(
  {
    dest: path(
      'Where it goes. A file copied into a folder keeps its name; with a `/` at the end the folder is made when there is none.',
    ),
    src: path(
      'A file or folder of the controller; of a folder with a `/` at the end the contents are copied.',
    ).optional(),
    content: z
      .union([z.string(), z.number(), z.boolean(), z.array(z.custom<Value>()), z.record(z.string(), z.custom<Value>())])
      .describe('The content itself; a list or map is written as JSON.')
      .optional(),
    decrypt: decryptField,
    remote_src: flag('`src` is a file or folder of the host.').default(false),
    mode: modeOrPreserve(
      'Permissions: octal digits in quotes, letters as chmod takes them, or `preserve` for those of the source.',
    ).optional(),
    directory_mode: mode('Permissions of the folders of a tree.').optional(),
    owner: word('The user who shall own it: a name or a number.').optional(),
    group: word('The group it shall belong to: a name or a number.').optional(),
    force: flag('Writes the file when it exists with another content.').default(true),
    follow: flag('Writes through a link at `dest` instead of replacing it.').default(false),
    backup: flag('Keeps the old file beside the new one.').default(false),
    validate: validation().optional(),
  },
  (value) => {
    if ((value.src === undefined) === (value.content === undefined)) return 'give either `src` or `content`';
    return value.remote_src && value.src === undefined ? '`remote_src` needs `src`' : undefined;
  },
);

type CopyParams = z.output<typeof copyParams>;

type Prepared =
  | {
      readonly kind: 'file';
      readonly wanted: WantedContent & { readonly sha256: string };
      readonly name: string | undefined;
      readonly mode: string | undefined;
    }
  | {
      readonly kind: 'large';
      readonly wanted: WantedContent;
      readonly name: string;
      readonly mode: string | undefined;
      readonly sum: () => Promise<string>;
    }
  | { readonly kind: 'tree'; readonly tree: TreeSource }
  | { readonly kind: 'remote'; readonly src: string };

type Found =
  /** `sha256`: of the controller's file, where it was taken only now. */
  | { readonly kind: 'file'; readonly target: TargetFound; readonly sha256?: string | undefined }
  | { readonly kind: 'tree'; readonly tree: TreeFound }
  | { readonly kind: 'remote'; readonly remote: RemoteFound };

/** Copies a file, a folder or a text to the host. */
export const copy = defineModule<CopyParams, Prepared, Found>({
  name: 'copy',
  summary: 'Copies a file or folder of the controller, a text, or a file or folder of the host to a place on the host.',
  params: copyParams,
  prepare,
  look({ params, prepared }) {
    switch (prepared.kind) {
      case 'file':
        return {
          kind: 'script',
          script: lookAtTarget({ ...params, name: prepared.name }, prepared.wanted),
          parse: (reply) => ({ kind: 'file', target: parseTarget(reply) }),
        };
      case 'large': {
        const { name, sum, wanted } = prepared;
        const request = { ...params, name };
        return {
          kind: 'procedure',
          read: async (host) => ({
            kind: 'file',
            ...(await lookAtLarge(host, { request, size: wanted.size, keeps: !params.force, sum })),
          }),
        };
      }
      case 'tree':
        return {
          kind: 'script',
          script: lookAtTree(params, prepared.tree),
          parse: (reply) => ({ kind: 'tree', tree: parseTree(reply, prepared.tree) }),
        };
      case 'remote':
        return {
          kind: 'script',
          script: lookAtRemote({ ...params, src: prepared.src }),
          parse: (reply) => ({ kind: 'remote', remote: parseRemote(reply) }),
        };
      default:
        return assertNever(prepared);
    }
  },
  compare(found, { params, prepared, promised }) {
    if (found.kind === 'file' && (prepared.kind === 'file' || prepared.kind === 'large')) {
      const request = { ...params, mode: prepared.mode };
      const wanted = wantedOf(prepared, found);
      return compareTarget(found.target, { request, wanted, force: params.force, promised });
    }
    if (found.kind === 'tree' && prepared.kind === 'tree') {
      return compareTree(found.tree, { params, tree: prepared.tree, promised });
    }
    if (found.kind === 'remote' && prepared.kind === 'remote') {
      return compareRemote(found.remote, { params: { ...params, src: prepared.src }, promised });
    }
    throw new ModuleFailure('the look does not fit what was prepared');
  },
  change(host, { params, prepared, found, changes }) {
    if (found.kind === 'file' && (prepared.kind === 'file' || prepared.kind === 'large')) {
      const request = { ...params, mode: prepared.mode };
      return writeTarget(host, { request, wanted: wantedOf(prepared, found), found: found.target, changes });
    }
    if (found.kind === 'tree' && prepared.kind === 'tree') {
      return writeTree(host, { params, tree: prepared.tree, found: found.tree });
    }
    if (found.kind === 'remote' && prepared.kind === 'remote') {
      return writeRemote(host, { params: { ...params, src: prepared.src }, found: found.remote });
    }
    throw new ModuleFailure('the look does not fit what was prepared');
  },
});

/** A large file's sum is known from its look on, if at all. */
function wantedOf(
  { wanted }: { readonly wanted: WantedContent },
  { sha256 }: { readonly sha256?: string | undefined },
): WantedContent {
  if (sha256 === undefined) return wanted;
  const { source } = wanted;
  return { ...wanted, sha256, source: source.kind === 'file' ? { ...source, sha256 } : source };
}

async function prepare(controller: Controller, params: CopyParams): Promise<Prepared> {
  const { content, src, mode } = params;
  if (src === undefined) {
    const wanted = bytesContent(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content), 'utf8'));
    if (mode === 'preserve') throw new ModuleFailure('`mode: preserve` needs a `src` whose mode could be kept');
    return { kind: 'file', wanted, name: undefined, mode };
  }
  if (params.remote_src) return { kind: 'remote', src };
  const source = await controller.find(src, 'files');
  const name = source.replace(/\/+$/, '').split('/').at(-1) ?? source;
  if ((await controller.kind(source)) === 'directory') {
    return {
      kind: 'tree',
      tree: await readTree(controller, { root: source, into: src.endsWith('/') ? '' : name, decrypt: params.decrypt }),
    };
  }
  const { size, mode: bits } = await controller.size(source);
  const plain = await plainBytes(controller, { path: source, decrypt: params.decrypt });
  const shared = { name, mode: mode === 'preserve' ? bits.toString(8).padStart(4, '0') : mode };
  if (plain !== undefined) return { kind: 'file', wanted: secretContent(plain), ...shared };
  if (size <= diffLimit) return { kind: 'file', wanted: bytesContent(await controller.readFile(source)), ...shared };
  if (size < largeFile) {
    const { sha256 } = await controller.fingerprint(source);
    const wanted = { source: { kind: 'file', path: source, size, sha256 }, size, sha256 } as const;
    return { kind: 'file', wanted, ...shared };
  }
  return {
    kind: 'large',
    wanted: { source: { kind: 'file', path: source, size }, size, sha256: undefined },
    ...shared,
    sum: async () => (await controller.fingerprint(source)).sha256,
  };
}
