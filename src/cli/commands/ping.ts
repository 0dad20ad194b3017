import { cleanLine } from '../../report/clean.js';
import { shellSource } from '../../shell/text.js';
import { onEachHost, verdictOfEnd } from '../each-host.js';
import { chooseHosts } from '../open-hosts.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { printLine } from '../terminal.js';

const timeoutSeconds = 20;

const question = shellSource(
  'printf "%s\\n" "$(id -un)" "$(readlink -f /bin/sh 2>/dev/null || echo /bin/sh)" "$(uname -sr)"',
);

/** `runner ping PATTERN`: logs in, starts `sh`, becomes the user that tasks would become, and says how long that took. */
export async function ping(request: {
  readonly pattern: string;
  readonly options: InventoryOptions & ConnectionOptions & OutputOptions & { readonly forks?: number };
}): Promise<number> {
  const { options } = request;
  const chosen = await chooseHosts(request);
  const json = options.output === 'json';
  return onEachHost({
    chosen,
    options,
    work: async ({ host, session, become, signal, connectMilliseconds, say }) => {
      const login = await session.script({ script: question, signal, timeoutSeconds });
      if (login.end.kind !== 'code' || login.end.code !== 0) return verdictOfEnd(login.end);
      const [user = '', shell = '', system = ''] = login.stdout.toString('utf8').split('\n').map(cleanLine);
      const other =
        become === undefined ? undefined : await session.script({ script: question, signal, timeoutSeconds, become });
      if (other !== undefined && (other.end.kind !== 'code' || other.end.code !== 0)) return verdictOfEnd(other.end);
      const became = other?.stdout.toString('utf8').split('\n').map(cleanLine)[0];
      const milliseconds = Math.round(connectMilliseconds);
      if (json)
        printLine(
          chosen.masker.mask(
            JSON.stringify({ host, status: 'ok', milliseconds, user, become: became ?? null, shell, system }),
          ),
        );
      else say(`ok in ${milliseconds} ms, ${user}${became === undefined ? '' : ` → ${became}`}, ${shell}, ${system}`);
      return { kind: 'done' };
    },
    onVerdict: (host, verdict) => {
      if (!json || verdict.kind === 'done') return;
      printLine(JSON.stringify({ host, status: verdict.kind, message: chosen.masker.mask(verdict.message) }));
    },
  });
}
