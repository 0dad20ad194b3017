import { joinShell, sh, type ShellText } from '../../shell/text.js';
import type { LookReply } from '../types.js';
import type { ContainerParams } from './container-params.js';
import type { ContainerState, ImageState } from './engine-types.js';
import { engineLook, inspect, parseEngineLook, type EngineProblem, type EngineReport } from './look.js';

/** A container that an unfinished replacement left behind. */
export interface Leftover {
  readonly id: string;
  readonly name: string;
}

export interface ContainerFound {
  readonly problem: EngineProblem | undefined;
  readonly container: ContainerState | undefined;
  readonly image: ImageState | undefined;
  /** Containers named NAME.old-… and NAME.new-…. */
  readonly leftovers: readonly Leftover[];
  /** SHA-256 of each of `config_files` that is there. */
  readonly configFiles: ReadonlyMap<string, string>;
}

export function lookAtContainer(params: ContainerParams): ShellText {
  const { name, image, config_files: files } = params;
  return joinShell([
    engineLook([
      inspect('container', { type: 'container', name }),
      ...(image === undefined ? [] : [inspect('image', { type: 'image', name: image })]),
      {
        key: 'leftovers',
        path: `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ name: [name] }))}`,
        words: ['ps', '--all', '--no-trunc', '--filter', `name=${name}`, '--format', '{{.ID}} {{.Names}}'],
      },
    ]),
    ...files.map((file) => sh`if [ -f ${file} ]; then tell file ${file} "$(sha256sum < ${file})"; fi`),
  ]);
}

export function parseContainer(reply: LookReply, name: string): ContainerFound {
  const look = parseEngineLook(reply, ['container', 'image', 'leftovers']);
  const files = look.report
    .records('file')
    .map(([path = '', sum = '']): [string, string] => [path, sum.split(' ')[0] ?? '']);
  return {
    problem: look.problem,
    container: look.object('container') as ContainerState | undefined,
    image: look.object('image') as ImageState | undefined,
    leftovers: leftoversOf(look, name),
    configFiles: new Map(files),
  };
}

/** The engine's own list, or the lines of its command line. */
function leftoversOf(look: EngineReport, name: string): readonly Leftover[] {
  const listed = look.object('leftovers');
  const all = Array.isArray(listed)
    ? listed.map(({ Id, Names }: { readonly Id?: string; readonly Names?: readonly string[] }) => ({
        id: Id,
        name: Names?.[0]?.replace(/^\//, ''),
      }))
    : (look.report.word('leftovers') ?? '').split('\n').map((line) => {
        const [id, other] = line.trim().split(' ');
        return { id, name: other };
      });
  return all.flatMap(({ id, name: other }) =>
    id !== undefined && other !== undefined && isLeftover(other, name) ? [{ id, name: other }] : [],
  );
}

function isLeftover(other: string, name: string): boolean {
  return other.startsWith(`${name}.`) && /^(?:old|new)-[0-9a-f]+$/.test(other.slice(name.length + 1));
}
