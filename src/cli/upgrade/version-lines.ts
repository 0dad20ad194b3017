import { readFileSync, writeFileSync } from 'node:fs';
import { InputError } from '../../core/diagnostic.js';
import { formatSpan, type Span } from '../../core/span.js';
import { replaceScalar } from '../../syntax/edit-scalar.js';
import { isTemplate } from '../../syntax/located.js';
import { playsWith } from './plays.js';
import { factsOf, type Part } from '../../stack/upgrade/components.js';
import { versionOf } from '../../stack/version.js';
import type { LoadedPlan } from '../load-plan.js';
import { playScope } from '../plan-checks.js';
import { bundledRoles } from '../role-folders.js';

/** Where the user's files say the version of a part, for some of its hosts. */
export interface VersionLine {
  readonly variable: string;
  readonly hosts: readonly string[];
  /** Undefined: no file of the user says it; the role's default holds. */
  readonly span?: Span;
  /** As it is written; a template is not evaluated. */
  readonly written?: string;
  readonly isTemplate: boolean;
  /** What the variable is for these hosts; undefined when only a run can tell. */
  readonly value?: string;
}

/** Every line that decides the version of a part on its hosts; hosts with the same line are told together. */
export function versionLines(loaded: LoadedPlan, part: Part): readonly VersionLine[] {
  const { role, variable } = factsOf(part);
  const lines = new Map<string, VersionLine>();
  for (const play of playsWith(loaded.plan, role)) {
    for (const host of play.hosts) {
      const line = lineOf({ loaded, play, host, variable });
      const key = line.span === undefined ? '' : formatSpan(line.span);
      const before = lines.get(key);
      lines.set(key, before === undefined ? line : { ...before, hosts: [...before.hosts, host] });
    }
  }
  return [...lines.values()];
}

function lineOf(request: {
  readonly loaded: LoadedPlan;
  readonly play: Parameters<typeof playScope>[0]['play'];
  readonly host: string;
  readonly variable: string;
}): VersionLine {
  const { loaded, play, host, variable } = request;
  const scope = playScope({ play, host, inventory: loaded.inventory, extraVars: loaded.extraVars });
  const value = textIn(scope, variable);
  const base = { variable, hosts: [host], ...(value === undefined ? {} : { value }) };
  const content = scope.origins(variable)[0]?.content;
  if (content?.kind !== 'located' || content.located.kind !== 'scalar') return { ...base, isTemplate: false };
  const { located } = content;
  if (located.span.file.startsWith(bundledRoles)) return { ...base, isTemplate: false };
  return {
    ...base,
    span: located.span,
    written: located.source,
    // A dynamic inventory has no line to change either.
    isTemplate: isTemplate(located) || located.literal === true,
  };
}

function textIn(scope: ReturnType<typeof playScope>, variable: string): string | undefined {
  try {
    const value = scope.read(variable);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the files say another version than this. */
export function saysOther(line: VersionLine, version: string): boolean {
  return line.value !== version && (line.isTemplate || versionOf(line.value) !== versionOf(version));
}

/** Puts a version into its line, and leaves all else of the file as it is. Throws InputError when it cannot be done. */
export function saveVersion(line: VersionLine, version: string): void {
  const { span } = line;
  if (span === undefined || line.isTemplate) return;
  const fail = (message: string): InputError =>
    new InputError([
      { severity: 'error', code: 'not-saved', message, span, hint: `write \`${line.variable}: ${version}\` there` },
    ]);
  try {
    const text = replaceScalar(readFileSync(span.file, 'utf8'), { at: span.start, value: version });
    if (text === undefined) throw fail('the version could not be put into this line');
    writeFileSync(span.file, text);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fail(`the file could not be changed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
