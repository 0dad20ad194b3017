import { UnreachableError, type UnreachableReason } from '../core/errors.js';

/** What ssh2 and Node put on their errors. */
interface RawError extends Error {
  readonly code?: string | number;
  readonly level?: string;
}

export interface ConnectFailure {
  readonly error: RawError;
  readonly host: string;
  /** "user@address:port". */
  readonly target: string;
  readonly timeoutSeconds: number;
  /** What authentication tried, for its failure. */
  readonly tried: string;
  /** The first bytes the server sent when they were no SSH. */
  readonly greeting: string;
}

/** Whether another try may help: sshd drops connections at random above MaxStartups, before it says a word of SSH. */
export function isTransient(error: RawError): boolean {
  if (/connection lost before handshake/i.test(error.message)) return true;
  return error.code === 'ECONNRESET' || error.code === 'EAI_AGAIN' || error.code === 'EPIPE';
}

/** The error in plain words, with a class and what to do about it. */
export function connectError(failure: ConnectFailure): UnreachableError {
  const { error, host, target } = failure;
  const make = (reason: UnreachableReason, message: string, hint?: string): UnreachableError =>
    new UnreachableError({ host, reason, message, cause: error, ...(hint === undefined ? {} : { hint }) });
  if (error.level === 'client-authentication') {
    return make(
      'authentication',
      `${target}: authentication failed: ${failure.tried}`,
      /\bkey /.test(failure.tried) || !failure.tried.includes('password')
        ? 'check ssh.user and ssh.key, and that the public key is in the ~/.ssh/authorized_keys of that user'
        : 'check ssh.user and the password',
    );
  }
  if (error.level === 'client-timeout' || error.code === 'ETIMEDOUT') {
    const seconds = String(failure.timeoutSeconds);
    return make('timeout', `${target}: no answer within ${seconds} s (timeout)`, 'is the host up and the port open?');
  }
  const turnedAway = `${target}: the server turns us away: ${failure.greeting}`;
  // Since 9.8 OpenSSH says the same above MaxStartups and while it bans an address. Trying again helps with the one, and does
  // not prolong the other, as what is dropped here costs no penalty.
  if (/^not allowed at this time/i.test(failure.greeting) && isTransient(error)) {
    return make(
      'lost',
      turnedAway,
      'either more logins than its MaxStartups are under way, or it bans this address for a while after logins that failed (PerSourcePenalties): the log of its sshd says which; wait a minute',
    );
  }
  if (/banned|not allowed/i.test(failure.greeting)) return make('refused', turnedAway, 'wait before trying again');
  switch (error.code) {
    case 'ECONNREFUSED':
      return make(
        'refused',
        `${target}: connection refused`,
        'nothing listens there: is sshd running, is the port right?',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return make('name-not-found', `${target}: the name does not resolve`, 'set ssh.host to an address that does');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return make(
        'network',
        `${target}: there is no route to the host`,
        'check the network, the address and firewalls',
      );
    default:
      return handshakeError(failure, make);
  }
}

type Make = (reason: UnreachableReason, message: string, hint?: string) => UnreachableError;

function handshakeError(failure: ConnectFailure, make: Make): UnreachableError {
  const { error, target, greeting } = failure;
  if (/no matching/i.test(error.message)) {
    return make(
      'negotiation',
      `${target}: ${error.message.replace(/^Handshake failed: /, '')}`,
      'the server only offers algorithms that are weak or unknown here (SHA-1, CBC); upgrade its sshd',
    );
  }
  const said = greeting === '' ? '' : `: ${greeting}`;
  if (isTransient(error)) {
    return make(
      'lost',
      `${target}: the connection was closed before the handshake${said}`,
      'is it sshd that listens there, and is MaxStartups not exceeded?',
    );
  }
  const isProtocol = error.level === 'protocol' || error.level === 'handshake' || /header/i.test(error.message);
  return make(isProtocol ? 'negotiation' : 'network', `${target}: ${error.message}${said}`);
}
