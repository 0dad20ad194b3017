import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { ControllerFiles } from '../../run/controller.js';
import type { FileReader } from '../../syntax/files.js';
import { type LoadedPlan, loadPlan, type PlanOptions } from '../load-plan.js';
import { nodeFiles, readAsWritten } from '../node-files.js';
import { packageFolder } from '../package-files.js';

/** What was read or looked for, and a sum of what was found (SHA-256), or `nothing`. */
export type Inputs = Readonly<Record<string, string>>;

/** The sum of what is not there. */
export const nothing = 'nothing';

/** The controller's files, and what of them was read. Sums are of the bytes on the disk: those of an encrypted file say nothing of its text. */
export interface InputRecorder {
  readonly files: FileReader;
  /** The same of a run: files to copy, templates to render. */
  readonly controller: (files: ControllerFiles) => ControllerFiles;
  /** Of everything that was read so far. */
  inputs(): Promise<Inputs>;
}

export function recordInputs(): InputRecorder {
  const plain = nodeFiles();
  const found = new Map<string, string>();
  /** Paths of the run, with the files they are read from. */
  const touched = new Map<string, ControllerFiles>();
  return {
    files: {
      read(path) {
        const text = plain.read(path);
        found.set(nameOf(path), text === undefined ? nothing : sumOf(readAsWritten(path) ?? ''));
        return text;
      },
      kind(path) {
        const kind = plain.kind(path);
        if (kind === undefined) found.set(nameOf(path), nothing);
        return kind;
      },
      list(path) {
        const names = plain.list(path);
        found.set(`${nameOf(path)}/`, sumOf(names.join('\n')));
        return names;
      },
      run(path, args) {
        const output = plain.run(path, args);
        found.set([nameOf(path), ...args].join(' '), sumOf(output));
        return output;
      },
    },
    controller(files) {
      const seen = <T>(path: string, result: T): T => {
        touched.set(path, files);
        return result;
      };
      return {
        ...files,
        readFile: (path) => seen(path, files.readFile(path)),
        decrypted: (path) => seen(path, files.decrypted(path)),
        readTextNow: (path) => seen(path, files.readTextNow(path)),
        size: (path) => seen(path, files.size(path)),
        fingerprint: (path) => seen(path, files.fingerprint(path)),
        list: (path) => seen(path, files.list(path)),
        tree: (path) => seen(path, files.tree(path)),
      };
    },
    async inputs() {
      for (const [path, files] of touched) for (const [name, sum] of await sumsBelow(path, files)) found.set(name, sum);
      return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

export interface LoadRequest {
  readonly playbooks: readonly string[];
  readonly options: PlanOptions;
}

/** Loads playbooks under the recorder's eyes. How hosts are reached (`~/.ssh/config`) is the concern of who applies the plan. */
export function loadRecorded(request: LoadRequest, recorder: InputRecorder): LoadedPlan {
  return { ...loadPlan({ ...request, files: recorder.files }), files: nodeFiles() };
}

/** The sum of a file, or of each file of a folder. */
async function sumsBelow(path: string, files: ControllerFiles): Promise<readonly (readonly [string, string])[]> {
  if (!(await files.exists(path))) return [[nameOf(path), nothing]];
  if ((await files.kind(path)) === 'file') return [[nameOf(path), (await files.fingerprint(path)).sha256]];
  const entries = await files.list(path);
  const sums: (readonly [string, string])[] = [
    [`${nameOf(path)}/`, sumOf(entries.map((entry) => `${entry.kind} ${entry.path}`).join('\n'))],
  ];
  for (const { kind, path: below } of entries)
    if (kind === 'file') sums.push([nameOf(`${path}/${below}`), (await files.fingerprint(`${path}/${below}`)).sha256]);
  return sums;
}

/** What of `now` is not what it was before, in words. */
export function changesOf(before: Inputs, now: Inputs): readonly string[] {
  return Object.entries(now).flatMap(([name, sum]) => {
    const earlier = before[name] ?? nothing;
    if (earlier === sum) return [];
    return [sum === nothing ? `${name} is gone` : `${name} ${earlier === nothing ? 'is new' : 'has changed'}`];
  });
}

/** From the working directory, and files that come with the program as such: a plan can be applied from another checkout. */
function nameOf(path: string): string {
  const inPackage = relative(packageFolder, path);
  if (path.startsWith('/') && !inPackage.startsWith('..')) return `runner:${inPackage}`;
  return path.startsWith('/') ? relative('.', path) : path;
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
