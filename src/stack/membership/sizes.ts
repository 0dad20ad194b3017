import type { Refusal } from '../../rollout/types.js';

/** How many of an ensemble of this size must serve. */
export function quorumOf(size: number): number {
  return Math.floor(size / 2) + 1;
}

/** "5 servers need 3 and can miss 2". */
export function sizeWords(size: number, noun = 'server'): string {
  const quorum = quorumOf(size);
  const spare = size - quorum;
  return `${size} ${noun}${size === 1 ? '' : 's'} need${size === 1 ? 's' : ''} ${quorum} and can miss ${spare === 0 ? 'none' : spare}`;
}

/** An even size costs a member and bears no more failures than the odd one below. */
export function evenSizeRefusal(
  size: number,
  options: { readonly title: string; readonly force: boolean },
): Refusal | undefined {
  if (options.force || size % 2 === 1) return undefined;
  return {
    message: `${options.title}: ${sizeWords(size, 'member')}, no more than ${size - 1} can: an even size is a risk without a gain`,
    hint: `make it ${size - 1} or ${size + 1}; \`--force\` takes the even size`,
  };
}

/** One member away while the others are restarted one by one: whether a quorum of this size stays. Undefined: it does. */
export function restartRefusal(options: {
  readonly title: string;
  readonly size: number;
  readonly healthy: number;
  readonly down: readonly string[];
  readonly force: boolean;
}): Refusal | undefined {
  const { title, size, healthy, down, force } = options;
  const left = healthy - 1;
  if (force || left >= quorumOf(size)) return undefined;
  const away = down.length === 0 ? '' : ` (${down.join(', ')})`;
  return {
    message: `${title}: restarting one of ${healthy} that serve would leave ${left} of ${size}, ${quorumOf(size)} are needed${away}`,
    hint: 'bring back what is down first, or replace it with `runner replace`; `--force` accepts the interruption of each restart',
  };
}
