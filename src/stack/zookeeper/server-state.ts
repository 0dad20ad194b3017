import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { versionOf } from '../version.js';

export type ZooKeeperMode = 'leader' | 'follower' | 'observer' | 'standalone';

/** What a ZooKeeper server says of itself. */
export type ZooKeeperState =
  | {
      readonly kind: 'serving';
      readonly mode: ZooKeeperMode;
      readonly version: string | undefined;
      /** "0x100000020": epoch and counter. */
      readonly zxid: string | undefined;
      readonly connections: number | undefined;
      readonly znodes: number | undefined;
    }
  /** It runs without a quorum, or is still electing. */
  | { readonly kind: 'not-serving' }
  | { readonly kind: 'silent'; readonly reason: string };

/** \`srvr\` is the one command every version answers without a whitelist. */
export function askServer(key: string, endpoint: Endpoint): Question {
  return { key, endpoint, request: 'srvr' };
}

/** \`mntr\`, for what only the leader knows. */
export function askMonitor(key: string, endpoint: Endpoint): Question {
  return { key, endpoint, request: 'mntr' };
}

export function parseServer(answer: Answer | undefined): ZooKeeperState {
  if (answer === undefined) return { kind: 'silent', reason: 'it was not asked' };
  if (answer.kind === 'silent') return answer;
  const mode = /^Mode: (leader|follower|observer|standalone)\s*$/m.exec(answer.text)?.[1];
  if (mode === undefined) {
    return /not currently serving/.test(answer.text)
      ? { kind: 'not-serving' }
      : { kind: 'silent', reason: `it says: ${answer.text.trim().slice(0, 200)}` };
  }
  return {
    kind: 'serving',
    mode: mode as ZooKeeperMode,
    version: versionOf(/^Zookeeper version: (.*)$/im.exec(answer.text)?.[1]),
    zxid: /^Zxid: (\S+)/m.exec(answer.text)?.[1],
    connections: numberIn(/^Connections: (\d+)/m.exec(answer.text)),
    znodes: numberIn(/^Node count: (\d+)/m.exec(answer.text)),
  };
}

/** Numbers of \`mntr\` by key; other values and "not in the whitelist" are left out. */
export function parseMonitor(answer: Answer | undefined): ReadonlyMap<string, number> {
  if (answer?.kind !== 'answer') return new Map();
  const numbers = answer.text.split('\n').flatMap((line): [string, number][] => {
    const [key, value] = line.split('\t');
    const number = Number(value);
    return key !== undefined && value !== undefined && value.trim() !== '' && Number.isFinite(number)
      ? [[key, number]]
      : [];
  });
  return new Map(numbers);
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]);
}
