import type { ControllerFiles } from './controller.js';

/** The controller's files as one step sees them: what one host read of a file holds for the others, so it is read once. */
export function stepFiles(files: ControllerFiles): ControllerFiles {
  return {
    playbookDirectory: files.playbookDirectory,
    exists: remembered((path) => files.exists(path)),
    kind: remembered((path) => files.kind(path)),
    readFile: remembered((path) => files.readFile(path)),
    decrypted: remembered((path) => files.decrypted(path)),
    size: remembered((path) => files.size(path)),
    fingerprint: remembered((path) => files.fingerprint(path)),
    list: remembered((path) => files.list(path)),
    tree: remembered((path) => files.tree(path)),
    readTextNow: (path) => files.readTextNow(path),
  };
}

function remembered<T>(read: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (path) => {
    const known = answers.get(path) ?? read(path);
    answers.set(path, known);
    return known;
  };
}
