import { ModuleFailure } from '../types.js';

const units = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** Bytes of "512m", "1.5g" or "1048576". Throws ModuleFailure for anything else. */
export function parseSize(size: string): number {
  const match = /^(\d+(?:\.\d+)?)([bkmgt]?)b?$/.exec(size.toLowerCase());
  if (!match) throw new ModuleFailure(`${size} is no size: write bytes, or a number with k, m or g behind`);
  return Math.floor(Number(match[1]) * units[(match[2] ?? '') as keyof typeof units]);
}
