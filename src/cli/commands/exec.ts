import { cleanLine } from '../../report/clean.js';
import { quote } from '../../shell/quote.js';
import { shellSource } from '../../shell/text.js';
import { onEachHost, verdictOfEnd } from '../each-host.js';
import { GatheredOutput } from '../gathered-output.js';
import { chooseHosts } from '../open-hosts.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { colorsFor, printLine } from '../terminal.js';

export interface ExecRequest {
  readonly pattern: string;
  readonly command: readonly string[];
  readonly options: InventoryOptions &
    ConnectionOptions &
    OutputOptions & {
      readonly forks?: number;
      readonly shell?: boolean;
      readonly timeout?: number;
      readonly gather?: boolean;
    };
}

/**
 * `runner exec PATTERN -- COMMAND`: runs it on every host at the same time. Each line comes at once, with its host's
 * name before it; with `--gather` hosts that say the same are shown together when all are done.
 */
export async function exec(request: ExecRequest): Promise<number> {
  const { command, options } = request;
  const chosen = await chooseHosts(request);
  const source = options.shell === true ? command.join(' ') : command.map(quote).join(' ');
  const gathered = options.gather === true ? new GatheredOutput() : undefined;
  const code = await onEachHost({
    chosen,
    options,
    work: async ({ host, session, become, signal, say }) => {
      const { end } = await session.exec({
        script: shellSource(source),
        signal,
        onLine: (line) => (gathered === undefined ? say(line) : gathered.add(host, line)),
        ...(become === undefined ? {} : { become }),
        ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
      });
      return verdictOfEnd(end);
    },
    onVerdict: (host, verdict) => {
      if (verdict.kind !== 'unreachable') gathered?.add(host);
    },
  });
  const colors = colorsFor(options);
  for (const { hosts, lines } of gathered?.groups(chosen.hosts) ?? []) {
    printLine(colors.bold(`${hosts.map(cleanLine).join(', ')} (${hosts.length})`));
    for (const line of lines) printLine(`  ${chosen.masker.mask(cleanLine(line))}`);
  }
  return code;
}
