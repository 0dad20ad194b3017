import { wrapped, fill } from './cells.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';

/** Something that is wrong, as it is told; texts may come from hosts, they are cleaned here. */
export interface ShownFinding {
  readonly severity: 'bad' | 'warning';
  /** Empty: it is about the cluster. */
  readonly hosts: readonly string[];
  readonly seen: string;
  readonly why: string;
  readonly advice: string;
  readonly commands: readonly string[];
}

interface Width {
  /** Undefined: as wide as it gets. */
  readonly columns?: number;
  readonly colors: Colors;
}

const indent = 4;
const leastText = 20;

/** A paragraph a finding: what was seen, why it matters, what to do and the commands for it. */
export function findingLines(findings: readonly ShownFinding[], options: Width): readonly string[] {
  return findings.flatMap((finding) => [...paragraph(finding, options), '']);
}

function paragraph({ severity, hosts, seen, why, advice, commands }: ShownFinding, options: Width): readonly string[] {
  const { colors } = options;
  const word = severity === 'bad' ? colors.red('bad') : colors.yellow('warning');
  const title = cleanLine(`${hosts.length === 0 ? '' : `${hosts.join(', ')}: `}${seen}`);
  const [first = '', ...rest] = lines(title, severity.length + 2, options);
  return [
    `${word}  ${colors.bold(first)}`,
    ...rest.map((line) => `${fill(severity.length + 2)}${colors.bold(line)}`),
    ...labelled('why', cleanLine(why), options),
    ...labelled('do', cleanLine(advice), options),
    // A command is never broken: it is there to be copied.
    ...commands.map((command) => `${fill(indent + 6)}${colors.cyan(cleanLine(command))}`),
  ];
}

function labelled(label: string, text: string, options: Width): readonly string[] {
  const before = indent + 6;
  const [first = '', ...rest] = lines(text, before, options);
  return [`${fill(indent)}${label.padEnd(6)}${first}`, ...rest.map((line) => fill(before) + line)];
}

function lines(text: string, before: number, { columns }: Width): readonly string[] {
  return wrapped(text, columns === undefined ? Number.POSITIVE_INFINITY : Math.max(leastText, columns - before));
}
