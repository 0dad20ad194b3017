import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey } from 'ssh2';
import type { ConnectionSettings } from '../inventory/types.js';
import { agentKeys, SingleKeyAgent } from './agent.js';
import { fingerprint } from './known-hosts.js';
import { loadKeys, type LoadedKey } from './key-files.js';

/** One way to prove who we are, with the word for it in "what was tried". */
export interface Attempt {
  readonly label: string;
  readonly needs: 'publickey' | 'password' | 'keyboard-interactive';
  readonly method: AnyAuthMethod;
  /** Refusals it may cost: an RSA key is tried with both SHA-2 signatures. */
  readonly cost: number;
}

/** sshd hangs up after 6 refusals (MaxAuthTries); we stop before. */
const mostRefusals = 5;
/** Rounds of questions answered before a server is taken for one that asks without end. */
const mostRounds = 3;

export interface AttemptPlan {
  readonly attempts: readonly Attempt[];
  /** Keys that could not be used, in files and the agent's, and an agent that did not answer. */
  readonly problems: readonly string[];
}

/**
 * What to try, in order: named keys that the agent holds or that are at hand, then (unless identitiesOnly) the agent's
 * other keys, then the password. Never more keys than a server's MaxAuthTries bears.
 */
export async function planAttempts(settings: ConnectionSettings): Promise<AttemptPlan> {
  const { user, passphrase, password } = settings;
  const { keys, problems } = await loadKeys({ paths: settings.keys, passphrase });
  const found = settings.agent === undefined ? undefined : await agentKeys(settings.agent);
  const agent = typeof found === 'string' ? undefined : found;
  const notes = [...problems, ...(typeof found === 'string' ? [found] : (found?.problems ?? []))];
  const attempts: Attempt[] = [];
  for (const loaded of keys) {
    const held = agent?.keys.find((key) => sameKey(key, loaded.key));
    if (loaded.key.isPrivateKey()) attempts.push(fileAttempt(user, loaded));
    else if (held !== undefined && agent !== undefined) attempts.push(agentAttempt(user, agent.agent, held));
    else notes.push(`${loaded.path} is a public key and no agent holds its private half`);
  }
  const others = (agent?.keys ?? []).filter((key) => !keys.some((loaded) => sameKey(key, loaded.key)));
  // identitiesOnly without a usable named file: ssh would then use no agent key either.
  if (!settings.identitiesOnly && agent !== undefined) {
    const named = settings.keys.length > 0;
    const fromAgent = others.map((key) => agentAttempt(user, agent.agent, key));
    // Without a named key the agent goes first, as with ssh: the default files are often encrypted or not for this host.
    attempts.splice(named ? attempts.length : 0, 0, ...fromAgent);
  }
  const last = password === undefined ? [] : passwordAttempts(user, password);
  const offered = affordable(attempts, mostRefusals - (last.length > 0 ? 1 : 0));
  const left = attempts.length - offered.length;
  if (left > 0)
    notes.push(
      `${String(left)} more of the agent's keys were not offered, since servers hang up after 6 (MaxAuthTries): name the right one in ssh.key (its .pub file will do)`,
    );
  return { attempts: [...offered, ...last], problems: notes };
}

function affordable(attempts: readonly Attempt[], refusals: number): readonly Attempt[] {
  let left = refusals;
  return attempts.filter((attempt) => {
    left -= attempt.cost;
    return left >= 0;
  });
}

function sameKey(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}

function fileAttempt(username: string, loaded: LoadedKey): Attempt {
  return {
    label: `key ${loaded.path} (${fingerprint(loaded.key.getPublicSSH())})`,
    needs: 'publickey',
    method: { type: 'publickey', username, key: loaded.key },
    cost: refusalCost(loaded.key),
  };
}

function agentAttempt(
  username: string,
  agent: ConstructorParameters<typeof SingleKeyAgent>[0],
  key: ParsedKey,
): Attempt {
  return {
    label: `agent key ${key.comment === '' ? key.type : key.comment} (${fingerprint(key.getPublicSSH())})`,
    needs: 'publickey',
    method: { type: 'agent', username, agent: new SingleKeyAgent(agent, key) },
    cost: refusalCost(key),
  };
}

function refusalCost(key: ParsedKey): number {
  return key.type === 'ssh-rsa' ? 2 : 1;
}

function passwordAttempts(username: string, password: string): readonly Attempt[] {
  let rounds = 0;
  return [
    { label: 'password', needs: 'password', method: { type: 'password', username, password }, cost: 1 },
    {
      label: 'keyboard-interactive with the password',
      needs: 'keyboard-interactive',
      cost: 1,
      method: {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          rounds += 1;
          // Only a hidden answer can be the password; a question that echoes gets an empty one.
          finish(prompts.map((prompt) => (rounds <= mostRounds && prompt.echo !== true ? password : '')));
        },
      },
    },
  ];
}

export interface Authenticator {
  readonly handler: AuthHandlerMiddleware;
  /** For the message of a failure: what was tried and what the server would take. */
  readonly summary: () => string;
}

/** Walks through the attempts, skipping what the server does not take. */
export function authenticator(username: string, plan: AttemptPlan): Authenticator {
  const waiting = [...plan.attempts];
  const tried: string[] = [];
  let accepted: readonly string[] = [];
  // With keys at hand the first try already tells what the server takes; else ask with "none".
  let asked = waiting[0]?.needs === 'publickey';
  let passwordRefused = false;
  const handler: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    const left: readonly string[] | null = methodsLeft;
    if (left !== null) accepted = left;
    if (!partialSuccess && tried.at(-1) === 'password') passwordRefused = true;
    if (!asked) {
      asked = true;
      next({ type: 'none', username });
      return;
    }
    for (let attempt = waiting.shift(); attempt !== undefined; attempt = waiting.shift()) {
      // The same wrong password twice would count twice towards a lock-out.
      if (attempt.needs === 'keyboard-interactive' && passwordRefused) continue;
      if (left !== null && !left.includes(attempt.needs)) continue;
      tried.push(attempt.label);
      next(attempt.method);
      return;
    }
    // ssh2 takes `false` for "nothing left"; its types do not know that.
    (next as unknown as (method: false) => void)(false);
  };
  const summary = (): string => {
    const what = tried.length === 0 ? 'nothing could be tried' : `tried ${tried.join(', ')}`;
    const takes = accepted.length === 0 ? '' : `; the server accepts ${accepted.join(', ')}`;
    return [`${what}${takes}`, ...plan.problems].join('; ');
  };
  return { handler, summary };
}
