import { sh, type ShellText } from '../../shell/text.js';
import { pathResource } from '../promises.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type HostWriter,
  type LookReply,
  type ModuleResult,
  type Promised,
} from '../types.js';
import { contentChange } from './content-change.js';
import { flag, validation } from './fields.js';
import {
  lookAtOwners,
  ownershipChanges,
  ownershipFields,
  requireOwners,
  setOwnership,
  type Ownership,
} from './ownership.js';
import { lookAt, pathState, type PathState } from './path-state.js';
import { pathWord } from './path-word.js';
import { parseReport, tell, type Report } from './report.js';

/** Parameters of the modules that edit a text file in place (lineinfile, blockinfile, replace). */
export const editFields = {
  backup: flag('Keeps the old file beside the new one.').default(false),
  validate: validation().optional(),
  ...ownershipFields,
};

export interface EditParams extends Ownership {
  readonly path: string;
  readonly create: boolean;
  readonly backup: boolean;
  readonly validate?: string | undefined;
}

export interface EditFound {
  /** The file itself: edits go through links. */
  readonly path: string;
  readonly state: PathState | undefined;
  readonly parent: boolean;
  readonly bytes: Buffer;
  readonly report: Report;
}

export function lookAtEdited(params: EditParams): ShellText {
  return sh`${tell}
${lookAt}
p=${pathWord(params.path)}
own_way "$p"
if [ -L "$p" ]; then p=$(readlink -f -- "$p") || exit 1; fi
tell path "$p"
look_at state "$p"
look_above "$p"
${lookAtOwners(params)}
if [ -f "$p" ]; then tell body; cat < "$p"; fi`;
}

export function parseEdited(reply: LookReply): EditFound {
  const report = parseReport(reply);
  return {
    path: report.need('path'),
    state: pathState(report, 'state'),
    parent: report.records('parent').length > 0,
    bytes: report.body ?? Buffer.alloc(0),
    report,
  };
}

/** The edited text and what to tell about it. */
export interface Edit {
  readonly text: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Turns the text of a file into the wanted one; `encode` brings a text of the playbook into the same form. */
export type Editor = (text: string, encode: (words: string) => string) => Edit;

/** What an edit would change. */
export function compareEdited(
  found: EditFound,
  options: { readonly params: EditParams; readonly promised?: Promised | undefined; readonly edit: Editor },
): Comparison {
  const { params, promised } = options;
  const { path, state } = found;
  requireOwners(found.report, { wanted: params, promised });
  if (state !== undefined && state.kind !== 'file')
    throw new ModuleFailure(`${path} is a ${state.kindName}, not a file`);
  if (state === undefined && !params.create) {
    if (promised?.has(pathResource(path)) !== true) throw new ModuleFailure(`${path} does not exist on the host`);
    return { kind: 'unknown', reason: `an earlier task makes ${path}` };
  }
  const parent = path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
  const form = formOf(found.bytes);
  const edit = options.edit(form.decode(found.bytes), form.encode);
  const after = form.bytes(edit.text);
  const changes: Change[] = [];
  const isEmptyStart = state === undefined && after.length === 0;
  if (!after.equals(found.bytes)) {
    changes.push(contentChange({ path, before: state === undefined ? undefined : found.bytes, after }));
  }
  if (state !== undefined || !isEmptyStart) changes.push(...ownershipChanges(state, params));
  const values = { path, ...edit.values };
  if (changes.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes, values, provides: [pathResource(path)] };
}

/** Writes the edited text, or only sets mode and ownership. */
export async function writeEdited(
  host: HostWriter,
  options: {
    readonly params: EditParams;
    readonly found: EditFound;
    readonly changes: readonly Change[];
    readonly edit: Editor;
  },
): Promise<ModuleResult> {
  const { params, found, changes } = options;
  const { path, state } = found;
  const form = formOf(found.bytes);
  const edit = options.edit(form.decode(found.bytes), form.encode);
  if (!changes.some((change) => change.part === 'content')) {
    await setOwnership(host, { path, changes });
    return { values: { path, ...edit.values } };
  }
  const after = (part: string): string | undefined => {
    const value = changes.find((change) => change.part === part)?.after;
    return typeof value === 'string' ? value : undefined;
  };
  const [mode, owner, group] = [after('mode'), after('owner'), after('group')];
  const { backup } = await host.writeFile({
    path,
    source: { kind: 'bytes', bytes: form.bytes(edit.text) },
    ...(mode === undefined ? {} : { mode }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(params.validate === undefined ? {} : { validate: params.validate }),
    ...(params.backup && state !== undefined ? { backup: true } : {}),
  });
  return { values: { path, ...edit.values, ...(backup === undefined ? {} : { backup_file: backup }) } };
}

interface Form {
  readonly decode: (bytes: Buffer) => string;
  readonly bytes: (text: string) => Buffer;
  readonly encode: (words: string) => string;
}

const utf8: Form = {
  decode: (bytes) => bytes.toString('utf8'),
  bytes: (text) => Buffer.from(text, 'utf8'),
  encode: (words) => words,
};

/** One character a byte, so that what is not UTF-8 comes back as it was. */
const byteWise: Form = {
  decode: (bytes) => bytes.toString('latin1'),
  bytes: (text) => Buffer.from(text, 'latin1'),
  encode: (words) => Buffer.from(words, 'utf8').toString('latin1'),
};

function formOf(bytes: Buffer): Form {
  return utf8.bytes(utf8.decode(bytes)).equals(bytes) ? utf8 : byteWise;
}
