import { quote } from '../shell/quote.js';
import { runCommand } from './exec.js';
import type { Launcher } from './launch.js';
import type { ShellRoster } from './shell-roster.js';
import type { ReadRequest, ReadResult } from './types.js';
import { operand } from './write-script.js';

/** Bytes a read gives at most unless told otherwise. */
const defaultMaximum = 64 * 1024 * 1024;

/** Reads a file: into memory through the long-lived shell, or into a sink on a channel of its own. */
export async function read(
  host: { readonly launcher: Launcher; readonly shells: ShellRoster },
  request: ReadRequest,
): Promise<ReadResult> {
  const { become, signal, sink } = request;
  const maximum = request.maximumBytes ?? (sink === undefined ? defaultMaximum : undefined);
  const script = readScript(operand(request.path), maximum);
  let length = 0;
  const result =
    sink === undefined
      ? await host.shells.run({ script, become, signal, limit: 2 * ((maximum ?? defaultMaximum) + 1) })
      : await runCommand(host.launcher, {
          script,
          become,
          signal,
          environment: { LC_ALL: 'C' },
          onStdout: (chunk) => {
            length += chunk.length;
            return sink(chunk);
          },
        });
  const words = result.stderr.toString('utf8').trim();
  if (result.end.kind === 'lost') return { kind: 'lost', message: result.end.message };
  if (result.end.kind !== 'code') return { kind: 'failed', message: `reading was ended: ${result.end.kind}` };
  if (result.end.code !== 0) {
    return words.includes('No such file') ? { kind: 'absent' } : { kind: 'failed', message: words };
  }
  if (sink === undefined) length = result.stdout.length;
  if (maximum !== undefined && length > maximum) {
    return { kind: 'failed', message: `${request.path} is larger than ${String(maximum)} bytes` };
  }
  return { kind: 'file', bytes: result.stdout };
}

function readScript(path: string, maximum: number | undefined): string {
  const print = maximum === undefined ? 'cat -- "$p"' : `head -c ${String(maximum + 1)} -- "$p"`;
  return [
    `p=${quote(path)}`,
    // For a file that cannot be looked at, ls tells whether it is absent or its directory is closed.
    'if [ ! -e "$p" ]; then ls -Ld -- "$p" >/dev/null; exit 1; fi',
    'if [ -d "$p" ]; then echo "$p: is a directory" >&2; exit 1; fi',
    print,
  ].join('\n');
}
