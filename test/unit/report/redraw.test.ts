import { describe, expect, it } from 'vitest';
import { createRedraw } from '../../../src/report/redraw.js';

function terminal(rows: number): {
  readonly written: () => string;
  readonly output: { readonly columns: number; readonly rows: number; write(text: string): void };
} {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const take = (): string => {
    const text = written;
    written = '';
    return text;
  };
  return { written: take, output: { columns: 80, rows, write } };
}

describe('a drawing that is renewed in place', () => {
  it('climbs back over its own lines and clears what is left of the longer ones', () => {
    const { output, written } = terminal(24);
    const redraw = createRedraw(output);
    redraw.draw(['one', 'two']);
    expect(written()).toBe('\u001B[?25lone\u001B[K\ntwo\u001B[K\n\u001B[J');
    redraw.draw(['1']);
    expect(written()).toBe('\u001B[2A\r1\u001B[K\n\u001B[J');
    redraw.end();
    expect(written()).toBe('\u001B[?25h');
  });

  it('never writes more lines than the window has, and says how many there are', () => {
    const { output, written } = terminal(4);
    createRedraw(output).draw(['1', '2', '3', '4', '5']);
    const text = written();
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('… 3 more lines');
  });

  it('begins anew on a clear screen after the terminal was resized', () => {
    const { output, written } = terminal(24);
    const redraw = createRedraw(output);
    redraw.draw(['one']);
    written();
    redraw.forget();
    redraw.draw(['one']);
    expect(written()).toBe('\u001B[2J\u001B[Hone\u001B[K\n\u001B[J');
  });
});
