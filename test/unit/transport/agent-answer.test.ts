import { describe, expect, it } from 'vitest';
import { readAgentAnswer, unusableKeys } from '../../../src/transport/agent-answer.js';

function counted(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** What an agent answers that holds keys of these types and comments. */
function answerWith(...keys: readonly (readonly [type: string, comment: string])[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(keys.length);
  const listed = keys.map(([type, comment]) =>
    Buffer.concat([counted(Buffer.concat([counted(type), counted('the rest of it')])), counted(comment)]),
  );
  return counted(Buffer.concat([Buffer.from([12]), count, ...listed]));
}

describe('the answer of an agent', () => {
  it('lists types and comments, whatever the types are', () => {
    const answer = answerWith(['ssh-ed25519', 'a'], ['sk-ssh-ed25519@openssh.com', 'b'], ['x', '']);
    expect(readAgentAnswer(answer)).toEqual([
      { type: 'ssh-ed25519', comment: 'a' },
      { type: 'sk-ssh-ed25519@openssh.com', comment: 'b' },
      { type: 'x', comment: '' },
    ]);
  });

  it('lists what could be read of one that is cut short anywhere, and nothing of another', () => {
    const whole = answerWith(['ssh-rsa', 'a'], ['ssh-rsa', 'b']);
    const read = Array.from({ length: whole.length }, (_, length) => readAgentAnswer(whole.subarray(0, length)).length);
    expect(new Set(read)).toEqual(new Set([0, 1]));
    expect(readAgentAnswer(Buffer.from([0, 0, 0, 1, 5, 0, 0, 0, 0]))).toEqual([]);
  });

  it('says which of it are of no use here', () => {
    const listed = readAgentAnswer(
      answerWith(
        ['ssh-ed25519', 'plain'],
        ['ssh-ed25519-cert-v01@openssh.com', 'somebody'],
        ['sk-ssh-ed25519-cert-v01@openssh.com', ''],
        ['sk-ecdsa-sha2-nistp256@openssh.com', 'stick'],
      ),
    );
    expect(unusableKeys(listed)).toEqual([
      "the agent's certificates somebody, sk-ssh-ed25519-cert-v01@openssh.com are not used: certificates are not supported",
      "the agent's security key stick is not used: security keys are not supported",
    ]);
    expect(unusableKeys(listed.slice(0, 1))).toEqual([]);
  });
});
