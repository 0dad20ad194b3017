import type { EnsembleContext, MemberReply, MemberVariables } from '../../../../src/rollout/types.js';
import type { Value } from '../../../../src/template/value.js';
import { replyOf } from '../status/captured.js';

const span = { file: 'play.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** Hosts node1, node2, … at 10.0.0.1, 10.0.0.2, … in their groups, with variables that hold on all or on one of them. */
export function context(
  groups: Readonly<Record<string, readonly string[]>>,
  options: {
    readonly variables?: Readonly<Record<string, Value>>;
    readonly on?: Readonly<Record<string, Readonly<Record<string, Value>>>>;
    readonly settings?: Readonly<Record<string, Value>>;
  } = {},
): EnsembleContext {
  const hosts = Object.entries(groups).map(([host, names]): MemberVariables => ({
    host,
    address: addressOf(host),
    groups: names,
    setting: () => undefined,
    read: (name) => ({ ...options.variables, ...options.on?.[host] })[name],
  }));
  return {
    hosts,
    playHosts: hosts.map(({ host }) => host),
    allPlayHosts: hosts.map(({ host }) => host),
    match: () => undefined,
    settings: options.settings ?? {},
    span,
  };
}

export function addressOf(host: string): string {
  return `10.0.0.${host.replace('node', '')}`;
}

/** A container as the engine describes it. */
export interface ContainerSaid {
  readonly name: string;
  readonly image: string;
  readonly state?: string;
  readonly exitCode?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  /** Folders of the host by the path they are mounted at. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** What a host's look prints: answers by key (undefined: silence), the container of its member, further records. */
export function told(options: {
  readonly answers: Readonly<Record<string, string | undefined>>;
  readonly container?: ContainerSaid;
  readonly records?: readonly (readonly string[])[];
}): MemberReply {
  const { answers, container, records = [] } = options;
  const said = Object.entries(answers).map(([key, text]) => [
    'answer',
    key,
    text === undefined ? '1' : '0',
    text ?? '',
  ]);
  return {
    kind: 'reply',
    reply: replyOf([
      ...said,
      ['clock', '1000'],
      ...(container === undefined ? [['none']] : recordsOf(container)),
      ...records,
    ]),
  };
}

export function unreached(reason: string): MemberReply {
  return { kind: 'unreached', reason };
}

/** An HTTP answer. */
export function http(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n${typeof body === 'string' ? body : JSON.stringify(body)}`;
}

function recordsOf(container: ContainerSaid): readonly (readonly string[])[] {
  const { name, image, state = 'running', exitCode = 0, env = {}, mounts = {} } = container;
  const engine = { name: `/${name}`, image, component: null, state, exitCode, restarts: 0, health: null };
  const made = {
    env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    arguments: container.arguments ?? [],
    mounts: Object.entries(mounts).map(([Destination, Source]) => ({ Type: 'bind', Source, Destination })),
  };
  return [['containers', `${JSON.stringify(engine)}\n${JSON.stringify(made)}`]];
}
