import type { Output } from './reporter.js';

/** What is drawn again and again in the same place of a terminal. */
export interface Redraw {
  draw(lines: readonly string[]): void;
  /** The terminal was resized: what stands there may have wrapped, so the next drawing begins on a clear screen. */
  forget(): void;
  /** Leaves the last drawing where it is and gives the cursor back. */
  end(): void;
}

const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';
const clearScreen = '\u001B[2J\u001B[H';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

/** Lines must be no wider than the terminal; those that do not fit below each other are counted instead. */
export function createRedraw(terminal: Output & { readonly rows: number }): Redraw {
  let drawn: number | undefined;
  let isFirst = true;
  return {
    draw(lines) {
      const fitting = fittingLines(lines, terminal.rows - 1);
      const start =
        drawn === undefined ? (isFirst ? hideCursor : clearScreen) : drawn > 0 ? `\u001B[${drawn}A\r` : '\r';
      // The cursor must not climb above the window's first line.
      terminal.write(`${start}${fitting.map((line) => `${line}${clearLine}\n`).join('')}${clearBelow}`);
      drawn = fitting.length;
      isFirst = false;
    },
    forget() {
      drawn = undefined;
    },
    end() {
      if (!isFirst) terminal.write(showCursor);
    },
  };
}

function fittingLines(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = Math.max(0, rows - 1);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more lines: the window is not high enough`];
}
