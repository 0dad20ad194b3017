import { upgradeTableLines } from '../../report/upgrade-table.js';
import type { Problem } from '../../stack/upgrade/problems.js';
import type { PlannedHop, UpgradePlan } from '../../stack/upgrade/plan.js';
import { standingWords, type Standing } from '../../stack/upgrade/standing.js';
import { visible } from '../../core/visible.js';
import type { OutputOptions } from '../options.js';
import { colorsFor, folded, printError, printLine } from '../terminal.js';
import { saysOther, type VersionLine } from './version-lines.js';
import { formatSpan } from '../../core/span.js';

/** What an upgrade says of itself between its runs: lines for people, or JSON lines beside the runs' events. */
export interface Talk {
  readonly plan: (plan: UpgradePlan) => void;
  readonly problems: (problems: readonly Problem[]) => void;
  /** A step of the command begins: "1 of 3: ZooKeeper 3.4.13 → 3.8.0". */
  readonly heading: (text: string) => void;
  readonly say: (text: string) => void;
  readonly standings: (all: readonly Standing[]) => void;
  readonly versionLine: (line: VersionLine, state: { readonly version: string; readonly saved: boolean }) => void;
}

export function talkOf(options: OutputOptions): Talk {
  return options.output === 'json' ? jsonTalk() : peopleTalk(options);
}

function peopleTalk(options: OutputOptions): Talk {
  const colors = colorsFor(options);
  const columns = options.output === 'plain' ? undefined : process.stdout.columns;
  const say = (text: string): void => printLine(folded(visible(text), { indent: '  ', columns }));
  const refuse = (text: string, indent: string): void =>
    printError(folded(text, { indent, columns: process.stderr.columns }));
  return {
    plan: ({ hops, notes }) => {
      for (const line of upgradeTableLines(hops, { colors, ...(columns === undefined ? {} : { columns }) }))
        printLine(line);
      if (notes.length > 0) printLine('');
      for (const note of notes) say(`note: ${note}`);
    },
    problems: (problems) => {
      for (const [index, { message, hint }] of problems.entries()) {
        const word = 'refused:';
        refuse(
          `${word} ${visible(message)}`.replace(word, (found) => colorsFor({}, process.stderr).red(found)),
          '  ',
        );
        // What is to be done about several of them is said once, after the last.
        if (hint !== undefined && problems[index + 1]?.hint !== hint)
          refuse(`    hint: ${visible(hint)}`, '          ');
      }
      printError('Nothing was touched.');
    },
    heading: (text) => printLine(`\n${colors.bold(visible(text))}`),
    say,
    standings: (all) => {
      for (const standing of all)
        printLine(
          `${standing.left.length === 0 ? colors.green('✓') : colors.yellow('!')} ${visible(standingWords(standing))}`,
        );
    },
    versionLine: (line, state) => {
      for (const text of versionLineWords(line, state)) say(text);
    },
  };
}

function jsonTalk(): Talk {
  const print = (kind: string, rest: Readonly<Record<string, unknown>>): void =>
    printLine(JSON.stringify({ kind, at: new Date().toISOString(), ...rest }));
  const message = (text: string): void => print('message', { level: 'info', text });
  return {
    plan: (plan) => print('upgrade-plan', { hops: plan.hops.map(hopData), notes: plan.notes }),
    problems: (problems) => print('upgrade-refused', { problems }),
    heading: message,
    say: message,
    standings: (all) => print('upgrade-standing', { parts: all }),
    versionLine: (line, { version, saved }) => {
      const place = line.span === undefined ? undefined : formatSpan(line.span);
      print('upgrade-version-line', {
        variable: line.variable,
        hosts: line.hosts,
        written: line.written,
        place,
        version,
        saved,
      });
    },
  };
}

function hopData(hop: PlannedHop): Readonly<Record<string, unknown>> {
  const { part, from, to, hosts, there, leader, what, backup, effect } = hop;
  return { component: part, from, to, hosts, there, leader, what, backup, effect };
}

function versionLineWords(
  line: VersionLine,
  { version, saved }: { readonly version: string; readonly saved: boolean },
): readonly string[] {
  const { span, variable, hosts, value } = line;
  if (!saysOther(line, version)) return [];
  if (span === undefined) {
    const usual = value === undefined ? '' : `, and the role's own is ${value}`;
    return [
      `No file says \`${variable}\` for ${hosts.join(', ')}${usual}: add \`${variable}: ${version}\` to the inventory's variables, or the next apply goes back.`,
    ];
  }
  if (saved) return [`${formatSpan(span)}: \`${variable}\` is ${version} now.`];
  const written = line.written === undefined ? '' : ` (now ${line.written})`;
  const how = line.isTemplate ? 'change what it is made of' : '`--save` does it the next time';
  return [
    `${formatSpan(span)}: \`${variable}\`${written} must become ${version}, or the next apply goes back; ${how}.`,
  ];
}
