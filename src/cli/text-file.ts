import type { FileReader } from '../syntax/files.js';
import { nodeFiles } from './node-files.js';

/** The controller's files and one more that is only a text: a playbook a command has made. */
export function filesWith(path: string, text: string): FileReader {
  const files = nodeFiles();
  return {
    ...files,
    read: (asked) => (asked === path ? text : files.read(asked)),
    kind: (asked) => (asked === path ? 'file' : files.kind(asked)),
  };
}
