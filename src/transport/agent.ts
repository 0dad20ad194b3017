import ssh2, {
  BaseAgent,
  type ParsedKey,
  type PublicKeyEntry,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { readAgentAnswer, unusableKeys } from './agent-answer.js';
import { settlesWithin } from './wait.js';

/** How long an agent may take to list its keys, in ms. */
const agentPatience = 5000;

/** An agent of which only one key is offered, so that the order and number of tries is ours to choose. */
export class SingleKeyAgent extends BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.#key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, {}, options);
    else this.#agent.sign(key, data, options, callback);
  }
}

/** An agent whose answer to the first question is kept as it came: ssh2 leaves out what it does not know. */
class OverheardAgent extends ssh2.OpenSSHAgent {
  #chunks: Buffer[] | undefined;

  override getStream(callback: Parameters<ssh2.OpenSSHAgent['getStream']>[0]): void {
    super.getStream((error, stream) => {
      if (this.#chunks === undefined && stream !== undefined) {
        const chunks: Buffer[] = [];
        this.#chunks = chunks;
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      }
      callback(error, stream);
    });
  }

  answer(): Buffer {
    return Buffer.concat(this.#chunks ?? []);
  }
}

export interface AgentKeys {
  readonly agent: BaseAgent;
  readonly keys: readonly ParsedKey[];
  /** What the agent holds and cannot be used, a sentence each. */
  readonly problems: readonly string[];
}

/** The keys an agent holds; a sentence when it cannot be asked. Certificates and FIDO keys are told and left out. */
export async function agentKeys(socket: string): Promise<AgentKeys | string> {
  const agent = new OverheardAgent(socket);
  const listing = new Promise<readonly ParsedKey[] | string>((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error) resolve(`the agent at ${socket} does not answer: ${error.message}`);
      else resolve((keys ?? []).flatMap((key) => parsed(key)));
    });
  });
  if (!(await settlesWithin(listing, agentPatience))) return `the agent at ${socket} does not answer`;
  const keys = await listing;
  return typeof keys === 'string' ? keys : { agent, keys, problems: unusableKeys(readAgentAnswer(agent.answer())) };
}

type Listed = string | Buffer | ParsedKey | PublicKeyEntry;

function parsed(key: Listed): readonly ParsedKey[] {
  const one = ssh2.utils.parseKey(typeof key === 'object' && 'pubKey' in key ? pubKeyOf(key) : key);
  return one instanceof Error ? [] : [one];
}

function pubKeyOf(entry: PublicKeyEntry): string | Buffer | ParsedKey {
  const { pubKey } = entry;
  return typeof pubKey === 'object' && 'pubKey' in pubKey ? pubKey.pubKey : pubKey;
}
