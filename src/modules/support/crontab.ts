/** What a task asks of a crontab. */
export interface CronWish {
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly env: boolean;
  /** The whole line: times and command, or NAME="value". */
  readonly line: string;
  readonly disabled: boolean;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
}

const mark = '#Ansible: ';

/**
 * The crontab with the job or variable put in, replaced or taken out. A job is known by the line before it,
 * `#Ansible: NAME`, as Ansible writes it, so what Ansible has set up is found; a variable is known by its name.
 */
export function editCrontab(text: string, wish: CronWish): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const result = wish.env ? editVariable(lines, wish) : editJob(lines, wish);
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}

function editJob(lines: readonly string[], wish: CronWish): readonly string[] {
  const at = lines.indexOf(mark + wish.name);
  const job = wish.disabled ? `#${wish.line}` : wish.line;
  if (wish.state === 'absent') return at === -1 ? lines : lines.toSpliced(at, 2);
  return at === -1 ? [...lines, mark + wish.name, job] : lines.toSpliced(at, 2, mark + wish.name, job);
}

function editVariable(lines: readonly string[], wish: CronWish): readonly string[] {
  const indexOf = (name: string): number => lines.findIndex((line) => nameOf(line) === name);
  const at = indexOf(wish.name);
  if (wish.state === 'absent') return at === -1 ? lines : lines.toSpliced(at, 1);
  if (at !== -1) return valueOf(lines[at] ?? '') === valueOf(wish.line) ? lines : lines.toSpliced(at, 1, wish.line);
  const after = wish.insertafter === undefined ? -1 : indexOf(wish.insertafter);
  const before = wish.insertbefore === undefined ? -1 : indexOf(wish.insertbefore);
  return lines.toSpliced(after === -1 ? Math.max(before, 0) : after + 1, 0, wish.line);
}

function nameOf(line: string): string | undefined {
  return /^\s*([A-Za-z_]\w*)\s*=/.exec(line)?.[1];
}

function valueOf(line: string): string {
  const value = line.slice(line.indexOf('=') + 1).trim();
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}
