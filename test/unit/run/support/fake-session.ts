import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { UnreachableError } from '../../../../src/core/errors.js';
import type { ExecEnd, ExecRequest, ExecResult, ScriptRequest, Session } from '../../../../src/transport/types.js';

/** What a pretended host answers; undefined: exit code 0 and nothing printed. */
export type Answer =
  | {
      readonly end?: ExecEnd;
      readonly stdout?: string;
      /** The connection ends after this answer. */ readonly last?: boolean;
    }
  | undefined;

export interface Asked {
  readonly host: string;
  readonly text: string;
  readonly kind: 'script' | 'exec';
  readonly request: ExecRequest | ScriptRequest;
}

/** A session that answers as the test says and remembers what it was asked. */
export function fakeSession(options: {
  readonly host: string;
  readonly answer: (asked: Asked) => Answer | Promise<Answer>;
  readonly onClose: () => void;
}): Session {
  const { host, answer, onClose } = options;
  let open = true;
  let gone: (reason: string | undefined) => void = () => undefined;
  const closed = new Promise<string | undefined>((resolve) => {
    gone = resolve;
  });
  const ask = async (asked: Asked): Promise<ExecResult> => {
    if (!open) throw new UnreachableError({ host, reason: 'lost', message: 'the connection is closed' });
    const reply = await answer(asked);
    const end = reply?.end ?? { kind: 'code', code: 0 };
    if (end.kind === 'lost' || reply?.last) {
      open = false;
      gone('it ended');
    }
    return { end, stdout: Buffer.from(reply?.stdout ?? ''), stderr: Buffer.alloc(0) };
  };
  return {
    host,
    closed,
    exec: async (request) => ask({ host, text: request.script.raw, kind: 'exec', request }),
    script: async (request) => ask({ host, text: request.script.raw, kind: 'script', request }),
    open: async () => new Duplex(),
    write: async () => ({ kind: 'written' }),
    read: async () => ({ kind: 'absent' }),
    close: async () => {
      open = false;
      gone(undefined);
      onClose();
    },
  };
}
