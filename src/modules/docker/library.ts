import { createRequire } from 'node:module';
import type Docker from 'dockerode';

const require = createRequire(import.meta.url);

/** The Docker client, loaded when a task first needs it: with all it brings it takes as long to load as the rest of the program. */
export function dockerLibrary(): typeof Docker {
  return require('dockerode') as typeof Docker;
}
