import { describe, expect, it } from 'vitest';
import { createColors } from '../../../src/report/colors.js';
import { createJsonReporter } from '../../../src/report/json.js';
import { createPlainReporter } from '../../../src/report/plain.js';
import type { RunEvent, TaskOutcome, TaskRef } from '../../../src/run/events.js';

const ref: TaskRef = {
  play: 'web',
  step: 'p.yaml:3:5',
  task: 'Write the page',
  role: 'nginx',
  host: 'h1',
  section: 'tasks',
  span: { file: 'p.yaml', start: { line: 3, column: 5 }, end: { line: 3, column: 9 } },
};
const outcome: TaskOutcome = {
  status: 'changed',
  changes: [],
  noLog: false,
  showDiff: true,
  milliseconds: 5,
  warnings: [],
};

function say(
  events: readonly RunEvent[],
  options: { readonly diff?: boolean; readonly verbosity?: number } = {},
): string {
  let text = '';
  const output = { write: (piece: string) => (text += piece), columns: 80 };
  const reporter = createPlainReporter({
    output,
    colors: createColors(false),
    verbosity: options.verbosity ?? 0,
    diff: options.diff ?? false,
    readSource: () => undefined,
  });
  for (const event of events) reporter.event(event);
  return text;
}

describe('the plain report', () => {
  it('names status, host, role and task on one line', () => {
    expect(say([{ kind: 'task-end', ref, outcome }])).toBe('changed:     [h1] nginx : Write the page\n');
  });

  it('shows a unified diff only when asked for, and never under no_log', () => {
    const changes = [
      { part: 'content', diff: { before: 'a\nb\n', after: 'a\nc\n', beforeName: '/x', afterName: '/x (new)' } },
      { part: 'mode', before: '0600', after: '0644' },
    ];
    const event: RunEvent = { kind: 'task-end', ref, outcome: { ...outcome, changes } };
    expect(say([event])).not.toContain('@@');
    const shown = say([event], { diff: true });
    expect(shown).toContain('    -b\n    +c\n');
    expect(shown).toContain('mode: 0600 → 0644');
    expect(
      say([{ kind: 'task-end', ref, outcome: { ...outcome, changes, noLog: true } }], { diff: true }),
    ).not.toContain('+c');
  });

  it('gives a failed command its last words and the hint', () => {
    const shown = say([
      {
        kind: 'task-end',
        ref,
        outcome: {
          ...outcome,
          status: 'failed',
          message: 'exit code 2',
          hint: 'install it',
          result: { stderr: 'boom\n', stdout: '' },
        },
      },
    ]);
    expect(shown).toContain('failed:      [h1] nginx : Write the page — exit code 2\n');
    expect(shown).toContain('    stderr: boom\n');
    expect(shown).toContain('    hint: install it\n');
  });

  it.each([['\u001b[2J\u001b]52;c;aGk=\u0007'], ['\r ok: [h1] spoof'], ['\u202egnp.exe'], ['a\u0000b'], ['\u009b31m']])(
    'never passes a control character of a host on: %j',
    (said) => {
      const events: RunEvent[] = [
        {
          kind: 'task-end',
          ref: { ...ref, task: `t ${said}`, host: `h${said}` },
          outcome: {
            ...outcome,
            status: 'failed',
            message: said,
            result: { stdout: said, stderr: said, [said]: said },
          },
        },
        {
          kind: 'item-end',
          ref,
          item: 0,
          label: said,
          outcome: { ...outcome, changes: [{ part: said, before: said, after: { [said]: said } }] },
        },
        { kind: 'message', level: 'warning', text: said },
        { kind: 'host-unreachable', play: said, host: said, reason: 'lost', message: said, hint: said },
      ];
      // oxlint-disable-next-line eslint/no-control-regex -- that is the point
      expect(say(events, { diff: true, verbosity: 3 })).not.toMatch(
        /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
      );
    },
  );

  it('ends with a row for each host, and says what a preview did not do', () => {
    const recap = [
      {
        host: 'h1',
        ok: 2,
        changed: 1,
        unknown: 1,
        skipped: 0,
        failed: 0,
        unreachable: 0,
        rescued: 0,
        ignored: 0,
        milliseconds: 1500,
      },
    ];
    const shown = say([
      { kind: 'run-start', run: 'r', preview: true, playbooks: [], plays: [], at: '' },
      { kind: 'run-end', recap, result: 'done', milliseconds: 61_000, predicted: { known: 3, all: 4 } },
    ]);
    expect(shown).toMatch(/host {3}same {2}change {2}unknown/);
    expect(shown).toContain(
      'Would make 1 change, 1 unknown until it runs (1 min 1 s). Nothing was written. 3 of 4 tasks could be predicted.',
    );
  });
});

describe('the JSON report', () => {
  it('is one parsable object a line, whatever a host said', () => {
    let text = '';
    const reporter = createJsonReporter({ write: (piece: string) => (text += piece), columns: 80 });
    reporter.event({ kind: 'task-progress', ref, line: 'a\nb\u001b[1m' });
    reporter.event({ kind: 'task-end', ref, outcome });
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as RunEvent).kind)).toEqual(['task-progress', 'task-end']);
    expect(text).not.toContain('\u001b');
  });
});
