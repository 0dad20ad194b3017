import { sh } from '../shell/text.js';
import { pathResource } from './promises.js';
import { decryptField, plainBytes } from './support/decrypt.js';
import { defineModule, params } from './support/define.js';
import { flag, path, text, validation } from './support/fields.js';
import { ownershipFields } from './support/ownership.js';
import { pathWord } from './support/path-word.js';
import { compilePattern, pattern } from './support/regular-expression.js';
import { parseReport, tell } from './support/report.js';
import {
  bytesContent,
  compareTarget,
  lookAtTarget,
  parseTarget,
  type TargetFound,
  type WantedContent,
  writeTarget,
} from './support/target-file.js';
import { type Controller, type HostReader, type LookReply, ModuleFailure } from './types.js';

interface Fragment {
  readonly name: string;
  readonly bytes: Buffer;
}

interface Prepared {
  /** Of the controller; undefined when they lie on the host. */
  readonly fragments: readonly Fragment[] | undefined;
}

interface Found {
  readonly target: TargetFound;
  readonly wanted: WantedContent;
}

const assembleParams = params({
  src: path('The folder with the fragments.'),
  dest: path('The file they are put together in.'),
  remote_src: flag('The folder is one of the host; otherwise one of the controller.').default(true),
  decrypt: decryptField,
  regexp: pattern('Only fragments whose name matches.').optional(),
  ignore_hidden: flag('Leaves out fragments whose name begins with a dot.').default(false),
  delimiter: text('A line between the fragments.').optional(),
  follow: flag('Writes through a link instead of replacing it.').default(false),
  validate: validation().optional(),
  backup: flag('Keeps the old file beside the new one.').default(false),
  ...ownershipFields,
});

type AssembleParams = ReturnType<typeof assembleParams.parse>;

/** Puts a file together from the fragments of a folder, in the order of their names. */
export const assemble = defineModule<AssembleParams, Prepared, Found>({
  name: 'assemble',
  summary: 'Puts a file of the host together from fragments, in the order of their names.',
  params: assembleParams,
  restsOn: ({ src, remote_src: remote }) => (remote ? [pathResource(src)] : []),
  prepare: async (controller, params) => ({
    fragments: params.remote_src ? undefined : await fragmentsHere(controller, params),
  }),
  look: ({ params, prepared }) => ({
    kind: 'procedure',
    async read(host) {
      const fragments = prepared.fragments ?? (await fragmentsThere(host, params));
      if (fragments.length === 0) throw new ModuleFailure(`no fragment in ${params.src}`);
      const wanted = bytesContent(joined(fragments, params));
      const target = parseTarget(answerOf(await host.query(lookAtTarget(params, wanted))));
      return { target, wanted };
    },
  }),
  compare: ({ target, wanted }, { params, promised }) =>
    compareTarget(target, { request: params, wanted, force: true, promised }),
  change: (host, { params, found, changes }) =>
    writeTarget(host, { request: params, wanted: found.wanted, found: found.target, changes }),
});

async function fragmentsHere(controller: Controller, params: AssembleParams): Promise<readonly Fragment[]> {
  const folder = await controller.find(params.src, 'files');
  if ((await controller.kind(folder)) !== 'directory') throw new ModuleFailure(`${folder} is no folder`);
  const files = (await controller.list(folder)).filter(
    ({ kind, path: file }) => kind === 'file' && isWanted(file, params),
  );
  return Promise.all(
    files.map(async ({ path: name }) => {
      const file = `${folder}/${name}`;
      return {
        name,
        bytes:
          (await plainBytes(controller, { path: file, decrypt: params.decrypt })) ?? (await controller.readFile(file)),
      };
    }),
  );
}

async function fragmentsThere(host: HostReader, params: AssembleParams): Promise<readonly Fragment[]> {
  const script = sh`${tell}
p=${pathWord(params.src)}
[ -d "$p" ] || { echo "$p is no folder of the host" >&2; exit 1; }
tell folder "$p"
for one in "$p"/* "$p"/.*; do [ -f "$one" ] && tell name "\${one##*/}"; done
exit 0`;
  const report = parseReport(answerOf(await host.query(script)));
  const folder = report.need('folder');
  const names = report.records('name').map(([name = '']) => name);
  const fragments: Fragment[] = [];
  for (const name of names.filter((each) => isWanted(each, params))) {
    const bytes = await host.readFile(`${folder}/${name}`);
    if (bytes !== undefined) fragments.push({ name, bytes });
  }
  return fragments;
}

function isWanted(name: string, params: AssembleParams): boolean {
  if (name.includes('/') || (params.ignore_hidden && name.startsWith('.'))) return false;
  return params.regexp === undefined || compilePattern(params.regexp).test(name);
}

function joined(fragments: readonly Fragment[], params: AssembleParams): Buffer {
  const { delimiter } = params;
  const newline = Buffer.from('\n');
  const inOrder = fragments.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.concat(
    inOrder.flatMap(({ bytes }, index) => {
      const between = index > 0 && delimiter !== undefined ? [Buffer.from(delimiter.replace(/\n?$/, '\n'))] : [];
      const isLast = index === inOrder.length - 1;
      // Two fragments must not run into one line.
      const isOpen = bytes.length > 0 && bytes.at(-1) !== newline[0];
      return [...between, bytes, ...(isOpen && !isLast ? [newline] : [])];
    }),
  );
}

function answerOf(reply: Awaited<ReturnType<HostReader['query']>>): LookReply {
  if (reply.end.kind === 'code') return { code: reply.end.code, stdout: reply.stdout, stderr: reply.stderr };
  throw new ModuleFailure(`looking at the host was ended by ${reply.end.kind}`);
}
