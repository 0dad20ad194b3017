import { buffer } from 'node:stream/consumers';
import { jsonLine } from '../../core/json-line.js';
import { cleanLine } from '../../report/clean.js';
import { quote } from '../../shell/quote.js';
import { shellSource } from '../../shell/text.js';
import type { ExecEnd } from '../../transport/types.js';
import { onEachHost, verdictOfEnd, type HostVerdict } from '../each-host.js';
import { GatheredOutput } from '../gathered-output.js';
import { chooseHosts } from '../open-hosts.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { colorsFor, printLine, printLines } from '../terminal.js';

export interface ExecRequest {
  readonly pattern: string;
  readonly command: readonly string[];
  readonly options: InventoryOptions &
    ConnectionOptions &
    OutputOptions & {
      readonly forks?: number;
      readonly shell?: boolean;
      readonly stdin?: boolean;
      readonly timeout?: number;
      readonly gather?: boolean;
    };
}

/**
 * `runner exec PATTERN -- COMMAND`: runs it on every host at the same time. Each line comes at once, with its host's
 * name before it; with `--gather` hosts that say the same are shown together when all are done. As JSON: an object a
 * line of output, or a group of hosts, and one for how each host's command ended.
 */
export async function exec(request: ExecRequest): Promise<number> {
  const { command, options } = request;
  const chosen = await chooseHosts(request);
  const source = options.shell === true ? command.join(' ') : command.map(quote).join(' ');
  const gathered = options.gather === true ? new GatheredOutput() : undefined;
  const stdin = options.stdin === true ? await buffer(process.stdin) : undefined;
  const json = options.output === 'json';
  const object = (data: Readonly<Record<string, unknown>>): string => jsonLine(chosen.masker.maskData(data));
  const ends = new Map<string, ExecEnd>();
  const code = await onEachHost({
    chosen,
    options,
    work: async ({ host, session, become, signal, tell }) => {
      const { end } = await session.exec({
        script: shellSource(source),
        signal,
        onLines: (lines, stream) => {
          if (gathered !== undefined) return gathered.add(host, lines);
          return json ? printLines(lines.map((line) => object({ host, stream, line }))) : tell(lines, stream);
        },
        ...(stdin === undefined ? {} : { stdin }),
        ...(become === undefined ? {} : { become }),
        ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
      });
      ends.set(host, end);
      return verdictOfEnd(end);
    },
    onVerdict: (host, verdict) => {
      if (verdict.kind !== 'unreachable') gathered?.add(host, []);
      if (json) printLine(object({ host, ...endOf(verdict, ends.get(host)) }));
    },
  });
  const colors = colorsFor(options);
  for (const { hosts, lines } of gathered?.groups(chosen.hosts) ?? []) {
    if (json) printLine(object({ hosts, lines }));
    else {
      printLine(colors.bold(`${hosts.map(cleanLine).join(', ')} (${hosts.length})`));
      for (const line of lines) printLine(`  ${chosen.masker.mask(cleanLine(line))}`);
    }
  }
  return code;
}

/** How a host's part went, for programs: the exit code or signal beside the class. */
function endOf(verdict: HostVerdict, end: ExecEnd | undefined): Readonly<Record<string, unknown>> {
  const status = verdict.kind === 'done' ? 'ok' : verdict.kind;
  const message = verdict.kind === 'done' ? {} : { message: verdict.message };
  switch (end?.kind) {
    case 'code':
      return { status, code: end.code, ...message };
    case 'signal':
      return { status, signal: end.signal, ...message };
    case 'timeout':
      return { status, timeout: end.seconds, ...message };
    case 'lost':
    case undefined:
      return { status, ...message };
  }
}
