/** A key as an agent lists it: the type that its public half begins with, and the agent's word for it. */
export interface ListedKey {
  readonly type: string;
  readonly comment: string;
}

const identitiesAnswer = 12;

/**
 * Reads the answer to SSH_AGENTC_REQUEST_IDENTITIES, of which ssh2 gives only the keys it knows the type of: a length, the
 * number 12, how many, then of each its public half and its comment, each after its own length
 * (draft-ietf-sshm-ssh-agent, section 3.5). What is cut short or no such answer lists what could be read.
 */
export function readAgentAnswer(answer: Buffer): readonly ListedKey[] {
  if (answer.length < 9 || answer[4] !== identitiesAnswer) return [];
  const keys: ListedKey[] = [];
  let offset = 9;
  const text = (): Buffer | undefined => {
    if (offset + 4 > answer.length) return undefined;
    const start = offset + 4;
    offset = start + answer.readUInt32BE(offset);
    return offset > answer.length ? undefined : answer.subarray(start, offset);
  };
  for (let left = answer.readUInt32BE(5); left > 0; left -= 1) {
    const blob = text();
    const comment = text();
    if (blob === undefined || comment === undefined || blob.length < 4) break;
    keys.push({ type: blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)), comment: comment.toString('utf8') });
  }
  return keys;
}

/** What of it nobody can log in with here, a sentence for certificates and one for keys of a kind that is not supported. */
export function unusableKeys(listed: readonly ListedKey[]): readonly string[] {
  const certificates = listed.filter(({ type }) => /-cert-v\d\d@openssh\.com$/.test(type));
  const security = listed.filter((key) => key.type.startsWith('sk-') && !certificates.includes(key));
  return [
    ...sentence(certificates, { one: 'certificate', many: 'certificates' }),
    ...sentence(security, { one: 'security key', many: 'security keys' }),
  ];
}

function sentence(
  keys: readonly ListedKey[],
  words: { readonly one: string; readonly many: string },
): readonly string[] {
  const [first] = keys;
  if (first === undefined) return [];
  const which = [...new Set(keys.map(({ type, comment }) => (comment === '' ? type : comment)))].join(', ');
  const what = keys.length === 1 ? `${words.one} ${which} is` : `${words.many} ${which} are`;
  return [`the agent's ${what} not used: ${words.many} are not supported`];
}
