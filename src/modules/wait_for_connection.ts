import { UnreachableError } from '../core/errors.js';
import { sh } from '../shell/text.js';
import { defineModule, params } from './support/define.js';
import { seconds } from './support/fields.js';
import { pass } from './support/pass.js';
import { ModuleFailure, type HostWriter, type ModuleResult } from './types.js';

/** Waits until the host answers. */
export const waitForConnection = defineModule({
  name: 'wait_for_connection',
  summary: 'Waits until the host can be reached and runs commands.',
  params: params({
    timeout: seconds('How long to wait.').default(600),
    delay: seconds('How long to wait before the first try.').default(0),
    sleep: seconds('How long between two tries.').default(1),
  }),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: () => ({ kind: 'act', summary: 'waits for the host' }),
  change: (host, { params }) => waitUntilReached(host, params),
});

async function waitUntilReached(
  host: HostWriter,
  params: { readonly timeout: number; readonly delay: number; readonly sleep: number },
): Promise<ModuleResult> {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  await pass(host, params.delay);
  while (true) {
    const problem = await tryOnce(host);
    if (problem === undefined) return { changed: false, values: { elapsed: Math.round(elapsed()) } };
    if (elapsed() >= params.timeout) throw new ModuleFailure(`not reached within ${params.timeout} s: ${problem}`);
    host.progress(`not yet: ${problem}`);
    host.reconnect();
    await pass(host, params.sleep);
  }
}

async function tryOnce(host: HostWriter): Promise<string | undefined> {
  try {
    const { end } = await host.query(sh`:`, { timeoutSeconds: 10 });
    return end.kind === 'code' && end.code === 0 ? undefined : `ended by ${end.kind}`;
  } catch (error) {
    if (error instanceof UnreachableError && error.reason !== 'host-key') return error.message;
    throw error;
  }
}
