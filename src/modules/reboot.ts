import type { z } from 'zod';
import { UnreachableError } from '../core/errors.js';
import { sh } from '../shell/text.js';
import { decodeOutput, failureOf, succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { seconds, text, word } from './support/fields.js';
import { pass } from './support/pass.js';
import { ModuleFailure, type HostWriter, type ModuleResult } from './types.js';

const rebootParams = params({
  reboot_timeout: seconds('How long the host may take until it is back and `test_command` succeeds.').default(600),
  pre_reboot_delay: seconds('How long to wait before the reboot.').default(0),
  post_reboot_delay: seconds('How long to wait once the host is back.').default(0),
  connect_timeout: seconds('How long one question to the host may take while it is waited for.').default(10),
  test_command: word('What must succeed before the host counts as back.').default('true'),
  reboot_command: word('What reboots the host, instead of systemctl, shutdown or reboot.').optional(),
  msg: text('What people logged in are told.').default('Reboot initiated by runner'),
});

type RebootParams = z.output<typeof rebootParams>;

/** A reboot, and the wait until the host is back. */
export const reboot = defineModule<RebootParams, unknown, undefined>({
  name: 'reboot',
  summary: 'Reboots the host and waits until it is back.',
  params: rebootParams,
  doneOnce: () => true,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: () => ({ kind: 'change', changes: [{ part: 'boot', after: 'another' }] }),
  change: (host, { params }) => rebootHost(host, params),
});

/** The kernel makes another one at each boot: proc(5), random. */
const bootId = sh`cat /proc/sys/kernel/random/boot_id`;

async function rebootHost(host: HostWriter, params: RebootParams): Promise<ModuleResult> {
  const before = decodeOutput(succeeded(await host.query(bootId), { host, doing: 'cannot tell the boot' })).text;
  await pass(host, params.pre_reboot_delay);
  const began = performance.now();
  const elapsed = (): number => Math.round((performance.now() - began) / 1000);
  const command =
    params.reboot_command === undefined
      ? sh`shutdown -r now ${params.msg} || systemctl reboot || reboot`
      : sh`sh -c ${params.reboot_command}`;
  // Apart from this connection and a second later, so that the answer still comes and nothing of ours stands in its way.
  const script = sh`apart=$(command -v setsid || command -v nohup) || apart=
$apart sh -c ${`sleep 1; ${command.raw}`} < /dev/null > /dev/null 2>&1 &`;
  succeeded(await host.run(script), { host, doing: 'cannot reboot' });
  host.progress('rebooting');
  await until(host, {
    params,
    elapsed,
    what: 'the host has not come back',
    test: () => hasBooted(host, { before, params }),
  });
  await pass(host, params.post_reboot_delay);
  const test = sh`sh -c ${params.test_command}`;
  const ready = async (): Promise<string | undefined> =>
    failureOf(await host.query(test, { timeoutSeconds: params.connect_timeout }), host);
  await until(host, { params, elapsed, what: `\`${params.test_command}\` does not succeed`, test: ready });
  return { values: { rebooted: true, elapsed: elapsed() } };
}

async function hasBooted(
  host: HostWriter,
  options: { readonly before: string; readonly params: RebootParams },
): Promise<string | undefined> {
  const reply = await host.query(bootId, { timeoutSeconds: options.params.connect_timeout });
  if (reply.end.kind === 'timeout') host.reconnect();
  const failure = failureOf(reply, host);
  if (failure !== undefined) return failure;
  return decodeOutput(reply.stdout).text === options.before ? 'it has not gone down yet' : undefined;
}

/** Asks until there is no problem any more; a lost connection is what is expected and made anew. */
async function until(
  host: HostWriter,
  options: {
    readonly params: RebootParams;
    readonly elapsed: () => number;
    readonly what: string;
    readonly test: () => Promise<string | undefined>;
  },
): Promise<void> {
  const { params, elapsed, what, test } = options;
  while (true) {
    const problem = await test().catch((error: unknown) => {
      if (!(error instanceof UnreachableError) || error.reason === 'host-key') throw error;
      host.reconnect();
      return error.message;
    });
    if (problem === undefined) return;
    if (elapsed() >= params.reboot_timeout)
      throw new ModuleFailure(`${what} within ${params.reboot_timeout} s: ${problem}`, {
        rebooted: true,
        elapsed: elapsed(),
      });
    host.progress(`not yet: ${problem}`);
    await pass(host, 1);
  }
}
