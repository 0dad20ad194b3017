import { fileURLToPath } from 'node:url';

/** The path of a file or folder that comes with the program, such as `roles`. The compiled program lies two folders deep, as this file does. */
export function packageFile(name: 'package.json' | 'roles' | 'playbooks/cluster.yaml'): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
