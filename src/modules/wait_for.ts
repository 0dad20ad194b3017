import type { z } from 'zod';
import { sh } from '../shell/text.js';
import { decodeOutput, succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, integer, path, seconds, text, word } from './support/fields.js';
import { pass } from './support/pass.js';
import { pathWord } from './support/path-word.js';
import { probeScript } from './support/port-probe.js';
import { compilePattern, pattern } from './support/regular-expression.js';
import { ModuleFailure, type Comparison, type HostReader, type HostWriter, type ModuleResult } from './types.js';

const waitParams = params(
  {
    port: integer('A TCP port.').optional(),
    host: word('The address of the port, as the host reaches it.').default('127.0.0.1'),
    path: alias(path('A file or folder.').optional(), 'file'),
    search_regex: pattern('What the file must hold, or what the port must say on its own.').optional(),
    state: choice(
      ['started', 'present', 'stopped', 'absent', 'drained'],
      'Open or there (`started`, `present`), closed or gone (`stopped`, `absent`), without connections (`drained`).',
    ).default('started'),
    timeout: seconds('How long to wait.').default(300),
    connect_timeout: seconds('How long one try to connect may take.').default(5),
    delay: seconds('How long to wait before the first look.').default(0),
    sleep: seconds('How long between two looks.').default(1),
    msg: text('Said in place of the usual message when the time is over.').optional(),
  },
  (value) => {
    if (value.port !== undefined && value.path !== undefined) return '`port` and `path` exclude each other';
    if (value.port !== undefined && (value.port < 1 || value.port > 65_535))
      return '`port` is a number from 1 to 65535';
    if (value.search_regex !== undefined && value.path === undefined) return '`search_regex` needs `path`';
    return value.state === 'drained' && value.port === undefined ? '`state: drained` needs `port`' : undefined;
  },
);

type WaitParams = z.output<typeof waitParams>;

/** What one look tells: whether the wait is over, and the groups of the match. */
interface Seen {
  readonly done: boolean;
  readonly groups?: readonly string[];
}

/** Waits until a port, a file or a text in it is as wished. */
export const waitFor = defineModule<WaitParams, unknown, Seen>({
  name: 'wait_for',
  summary: 'Waits until a port of the host opens or closes, or a file appears, goes or holds a text.',
  params: waitParams,
  look: ({ params }) => ({
    kind: 'procedure',
    read: (host) => (params.delay > 0 || isPause(params) ? Promise.resolve({ done: false }) : lookOnce(host, params)),
  }),
  compare(found, { params }): Comparison {
    if (found.done) return { kind: 'same', values: valuesOf(params, { seen: found, elapsed: 0 }) };
    return { kind: 'act', summary: `waits for ${describe(params)}` };
  },
  change: (host, { params }) => wait(host, params),
});

/** Nothing to look for: only time passes. */
function isPause(params: WaitParams): boolean {
  return params.port === undefined && params.path === undefined;
}

async function lookOnce(host: HostReader, params: WaitParams): Promise<Seen> {
  const { port, path: file, state } = params;
  const wantsThere = state === 'started' || state === 'present';
  if (port !== undefined) {
    const script = probeScript({
      host: params.host,
      port,
      seconds: params.connect_timeout,
      drained: state === 'drained',
    });
    const answer = decodeOutput(
      succeeded(await host.query(script), { host, doing: `cannot look at ${describe(params)}` }),
    );
    if (state === 'drained') return { done: answer.text === 'drained' };
    return { done: (answer.text === 'open') === wantsThere };
  }
  if (file === undefined) return { done: false };
  const reads = params.search_regex === undefined ? sh`:` : sh`cat < "$p" 2>/dev/null`;
  const script = sh`p=${pathWord(file)}; if [ -e "$p" ] || [ -L "$p" ]; then echo there; ${reads}; else echo none; fi; exit 0`;
  const bytes = succeeded(await host.query(script), { host, doing: `cannot look at ${file}` });
  const isThere = bytes.subarray(0, 5).toString('latin1') === 'there';
  if (params.search_regex === undefined || !isThere) return { done: isThere === wantsThere };
  const match = compilePattern(params.search_regex, 'm').exec(bytes.subarray(6).toString('utf8'));
  return {
    done: (match !== null) === wantsThere,
    ...(match === null ? {} : { groups: match.slice(1).map((one) => one ?? '') }),
  };
}

async function wait(host: HostWriter, params: WaitParams): Promise<ModuleResult> {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  await pass(host, isPause(params) ? params.timeout : params.delay);
  if (isPause(params))
    return { changed: false, values: valuesOf(params, { seen: { done: true }, elapsed: elapsed() }) };
  while (true) {
    const seen = await lookOnce(host, params);
    if (seen.done) return { changed: false, values: valuesOf(params, { seen, elapsed: elapsed() }) };
    const left = params.timeout - elapsed();
    if (left <= 0) {
      const message = params.msg ?? `${describe(params)}: not within ${params.timeout} s`;
      throw new ModuleFailure(message, { elapsed: Math.round(elapsed()) });
    }
    host.progress(`waiting for ${describe(params)} (${Math.round(elapsed())} s)`);
    await pass(host, Math.min(params.sleep, left));
  }
}

function describe(params: WaitParams): string {
  const { port, host, path: file, search_regex: regex, state } = params;
  if (port !== undefined) return `port ${host}:${port} to be ${state}`;
  if (file === undefined) return 'time to pass';
  return regex === undefined ? `${file} to be ${state}` : `${file} to hold /${regex}/`;
}

function valuesOf(params: WaitParams, options: { readonly seen: Seen; readonly elapsed: number }) {
  const { port, path: file, state } = params;
  const { seen, elapsed } = options;
  return {
    state,
    elapsed: Math.round(elapsed),
    ...(port === undefined ? {} : { port }),
    ...(file === undefined ? {} : { path: file }),
    ...(seen.groups === undefined ? {} : { match_groups: seen.groups }),
  };
}
