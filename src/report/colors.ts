import pc from 'picocolors';
import type { TaskStatus } from '../run/events.js';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colour functions; without colour they give the text back. */
export function createColors(enabled: boolean): Colors {
  return pc.createColors(enabled);
}

/** A status word in its colour: green did nothing, yellow changed, red failed, cyan passed by. */
export function paintStatus(status: TaskStatus, text: string, colors: Colors): string {
  switch (status) {
    case 'ok':
    case 'same':
      return colors.green(text);
    case 'changed':
    case 'change':
      return colors.yellow(text);
    case 'skipped':
      return colors.cyan(text);
    case 'unknown':
      return colors.magenta(text);
    case 'failed':
    case 'unreachable':
      return colors.red(text);
  }
}
