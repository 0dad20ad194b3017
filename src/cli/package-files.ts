import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the program is installed. The compiled program lies two folders deep in it, as this file does. */
export const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The path of a file or folder that comes with the program. */
export function packageFile(name: 'package.json' | 'roles' | 'playbooks/cluster.yaml'): string {
  return `${packageFolder}${name}`;
}

/** The version of the program. */
export function packageVersion(): string {
  const data: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return typeof data === 'object' && data !== null && 'version' in data ? String(data.version) : '0.0.0';
}
