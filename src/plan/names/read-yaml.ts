import { Diagnostics } from '../../core/diagnostic.js';
import type { FileReader } from '../../syntax/files.js';
import type { Located } from '../../syntax/located.js';
import { parseYaml } from '../../syntax/parse-yaml.js';

/** A file as YAML; undefined for what is missing or is none: that is reported where the file is used. */
export function readYaml(path: string, files: FileReader): Located | undefined {
  try {
    const text = files.read(path);
    return text === undefined ? undefined : parseYaml({ text, file: path, diagnostics: new Diagnostics() });
  } catch {
    return undefined;
  }
}
