import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.js';
import type { ConnectionSettings } from '../../../src/inventory/types.js';
import { connect } from '../../../src/transport/connect.js';
import { startFakeServer } from '../../rig/fake-server.js';
import { settingsFor } from '../../rig/settings.js';
import { makeKey, publicKey, startSshd, type RigUserAccount } from '../../rig/sshd.js';
import { until } from '../../rig/until.js';

const password = 'pass word!';
let rig: Awaited<ReturnType<typeof startSshd>>;
let withPassword: RigUserAccount;
let agent: ChildProcess;
let socket: string;

beforeAll(async () => {
  rig = await startSshd({ config: ['MaxAuthTries 6'] });
  withPassword = rig.addUser({ name: `${rig.user.name}p`, password });
  for (const [name, type, passphrase] of [
    ['ecdsa', 'ecdsa', ''],
    ['rsa', 'rsa', ''],
    ['locked', 'ed25519', 'secret words'],
    ['stranger', 'ed25519', ''],
    ['held', 'ed25519', ''],
  ] as const) {
    makeKey(key(name), type, passphrase);
    if (name !== 'stranger') appendFileSync(join(rig.directory, 'authorized_keys'), `${publicKey(key(name))}\n`);
  }
  socket = join(rig.directory, 'agent');
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const environment = { ...process.env, SSH_AUTH_SOCK: socket };
  await until(() => answers(socket));
  for (let index = 0; index < 9; index += 1) {
    makeKey(key(`many${String(index)}`), 'ed25519');
    execFileSync('ssh-add', [key(`many${String(index)}`)], { env: environment, stdio: 'ignore' });
  }
  execFileSync('ssh-add', [key('held')], { env: environment, stdio: 'ignore' });
});

afterAll(async () => {
  agent.kill();
  await rig.stop();
});

function answers(path: string): boolean {
  try {
    execFileSync('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: path }, stdio: 'ignore' });
    return true;
  } catch (error) {
    // 1: it answers and has no keys yet.
    return (error as { status?: number }).status === 1;
  }
}

function key(name: string): string {
  return join(rig.directory, `key_${name}`);
}

async function logsIn(change: Partial<ConnectionSettings>, user = rig.user.name): Promise<void> {
  const session = await connect(settingsFor(rig, user, change), { host: 'h' });
  await session.close();
}

async function outcome(change: Partial<ConnectionSettings>, user = rig.user.name): Promise<UnreachableError> {
  const error: unknown = await logsIn(change, user).catch((reason: unknown) => reason);
  if (!(error instanceof UnreachableError)) throw new Error('this should have been refused', { cause: error });
  return error;
}

function refusedWith(...words: readonly string[]): unknown {
  return expect.objectContaining({
    reason: 'authentication',
    message: expect.stringMatching(new RegExp(words.join('[^]*'))) as unknown,
  });
}

describe('proving who we are', () => {
  it.each(['ecdsa', 'rsa'])('logs in with an %s key', async (name) => {
    await logsIn({ keys: [key(name)] });
  });

  it('logs in with an encrypted key and its passphrase', async () => {
    await logsIn({ keys: [key('locked')], passphrase: 'secret words' });
  });

  it('says that a passphrase is missing or wrong, at once', async () => {
    expect(await outcome({ keys: [key('locked')] })).toEqual(refusedWith('key_locked is encrypted'));
    expect(await outcome({ keys: [key('locked')], passphrase: 'no' })).toEqual(refusedWith('passphrase', 'wrong'));
  });

  it('says what was tried and what the server accepts', async () => {
    const error = await outcome({ keys: [key('stranger')] });
    expect(error).toEqual(refusedWith('tried key .*key_stranger', 'SHA256:', 'accepts publickey'));
  });

  it('says that a named key is not there', async () => {
    expect(await outcome({ keys: [key('none')] })).toEqual(refusedWith('nothing could be tried', 'key_none'));
  });

  it('uses the agent’s key for a named public key, among many others, without being locked out', async () => {
    const keys = [`${key('held')}.pub`];
    await logsIn({ agent: socket, keys, identitiesOnly: true });
    await logsIn({ agent: socket, keys, identitiesOnly: false });
  });

  it('tries a named key before ten others of the agent', async () => {
    await logsIn({ agent: socket, keys: [key('ecdsa')], identitiesOnly: false });
  });

  it('stops before MaxAuthTries instead of being cut off', async () => {
    const error = await outcome({ agent: socket, keys: [key('stranger')], identitiesOnly: false });
    expect(error).toEqual(refusedWith('tried', 'agent key'));
    expect(error.message.match(/SHA256:/g)).toHaveLength(5);
    expect(error.message).toMatch(/\d+ more of the agent's keys were not offered/);
  });

  it('tells of certificates that only an agent holds, and logs in with a key beside them', async () => {
    const own = join(rig.directory, 'certified-agent');
    const second = spawn('ssh-agent', ['-D', '-a', own], { stdio: 'ignore' });
    onTestFinished(() => void second.kill());
    await until(() => answers(own));
    makeKey(key('authority'), 'ed25519');
    makeKey(key('certified'), 'ed25519');
    execFileSync('ssh-keygen', ['-q', '-s', key('authority'), '-I', 'somebody', '-n', rig.user.name, key('certified')]);
    // ssh-add takes the certificate beside the key along.
    execFileSync('ssh-add', ['-q', key('certified')], { env: { ...process.env, SSH_AUTH_SOCK: own } });
    const error = await outcome({ agent: own, keys: [], identitiesOnly: false });
    expect(error).toEqual(
      refusedWith(
        'tried agent key rig-ed25519',
        "the agent's certificate rig-ed25519 is not used: certificates are not supported",
      ),
    );
    appendFileSync(join(rig.directory, 'authorized_keys'), `${publicKey(key('certified'))}\n`);
    await logsIn({ agent: own, keys: [], identitiesOnly: false });
  });

  it('tells of an agent that does not answer', async () => {
    const error = await outcome({ agent: join(rig.directory, 'no-agent'), keys: [key('stranger')] });
    expect(error).toEqual(refusedWith('agent at', 'does not answer'));
  });

  it('logs in with a password after a key that does not fit, and tells a wrong one', async () => {
    const keys = [key('stranger')];
    await logsIn({ keys, password }, withPassword.name);
    expect(await outcome({ keys, password: 'no' }, withPassword.name)).toEqual(refusedWith('tried', 'password'));
  });

  it('refuses certificates and security keys in plain words', async () => {
    execFileSync('ssh-keygen', ['-q', '-s', key('stranger'), '-I', 'id', '-n', 'x', `${key('many0')}.pub`], {
      stdio: 'ignore',
    });
    const certificate = `${key('many0')}-cert.pub`;
    expect(await outcome({ keys: [certificate] })).toEqual(refusedWith('certificates are not supported'));
    expect(await outcome({ keys: [key('many0')] })).toEqual(refusedWith('certificates are not supported'));
    const type = Buffer.from('sk-ssh-ed25519@openssh.com');
    const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.alloc(4), type, Buffer.alloc(40)]);
    writeFileSync(
      key('sk'),
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    );
    expect(await outcome({ keys: [key('sk')] })).toEqual(refusedWith('FIDO'));
  });

  it('answers hidden questions with the password and gives up on a server that asks without end', async () => {
    let rounds = 0;
    const answers: string[] = [];
    const server = await startFakeServer({
      authenticate: (context) => {
        if (context.method !== 'keyboard-interactive') {
          context.reject(['keyboard-interactive']);
          return;
        }
        const ask = (): void => {
          context.prompt(
            [
              { prompt: 'Password:', echo: false },
              { prompt: 'Name:', echo: true },
            ],
            (given) => {
              answers.push(...given);
              rounds += 1;
              if (rounds === 1) context.accept();
              else ask();
            },
          );
        };
        ask();
      },
    });
    const session = await connect(server.settings({ keys: [], password }), { host: 'h' });
    await session.close();
    expect(answers).toEqual([password, '']);
    const settings = server.settings({ password, connectTimeoutSeconds: 1 });
    await expect(connect(settings, { host: 'h' })).rejects.toMatchObject({ reason: 'timeout' });
    expect(answers.filter((answer) => answer === password).length).toBeLessThanOrEqual(4);
    await server.stop();
  });

  it('does not try a refused password a second way', async () => {
    const server = await startFakeServer({
      authenticate: (context) => context.reject(['password', 'keyboard-interactive']),
    });
    const settings = server.settings({ password });
    await expect(connect(settings, { host: 'h' })).rejects.toMatchObject({ reason: 'authentication' });
    expect(server.tried.filter((method) => method !== 'none' && method !== 'publickey')).toEqual(['password']);
    await server.stop();
  });

  it('takes no word of a banner for a prompt', async () => {
    const server = await startFakeServer({ banner: 'password: \nPassword:\n[sudo] password for root:\n' });
    const session = await connect(server.settings(), { host: 'h' });
    await session.close();
    expect(server.tried).not.toContain('password');
    await server.stop();
  });
});
