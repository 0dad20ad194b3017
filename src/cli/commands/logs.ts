import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { columnsOf } from '../../core/visible.js';
import { padded } from '../../report/cells.js';
import { cleanLine } from '../../report/clean.js';
import type { Colors } from '../../report/colors.js';
import type { LogWish } from '../../stack/lifecycle/log-script.js';
import { withInterrupt } from '../interrupt.js';
import { chooseTargets } from '../lifecycle/choose-targets.js';
import { followLog, type LogSource } from '../lifecycle/follow-log.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { colorsFor, printError, printLines } from '../terminal.js';

type LogsOptions = InventoryOptions &
  ConnectionOptions &
  OutputOptions & {
    readonly follow?: boolean;
    readonly since?: string;
    readonly tail?: string;
    readonly timestamps?: boolean;
  };

const usualTail = '100';

/**
 * `runner logs COMPONENT…`: what programs say, on all their hosts at once, each line with where it comes from before it.
 * `--follow` goes on until Ctrl-C, which is its ordinary end: exit 0.
 */
export async function logs(request: {
  readonly components: readonly string[];
  readonly options: LogsOptions;
}): Promise<number> {
  const { components, options } = request;
  const follow = options.follow === true;
  if (options.since !== undefined && components.includes('haproxy')) {
    const message = "HAProxy's log is a file of syslog, which is not read from a time on";
    throw new InputError([{ severity: 'error', code: 'since', message, hint: 'say how many lines with `--tail`' }]);
  }
  const finished = await withInterrupt(
    async (signal) => {
      const cluster = await openCluster({ options, signal });
      try {
        const sources = sourcesOf(cluster, components);
        const prefixOf = prefixes(sources, colorsFor(options));
        const wish: LogWish = {
          follow,
          tail: options.tail ?? (options.since === undefined ? usualTail : 'all'),
          ...(options.since === undefined ? {} : { since: options.since }),
        };
        const outcomes = await Promise.all(
          sources.map((source) => {
            const prefix = prefixOf(source);
            const shown = (text: string): string => `${prefix} ${cluster.masker.mask(cleanLine(text))}`;
            return followLog({
              cluster,
              source,
              wish,
              timestamps: options.timestamps === true,
              signal,
              onLines: (lines) => printLines(lines.map(shown)),
              onNotice: (text) => printError(shown(`(${text})`)),
            });
          }),
        );
        if (outcomes.includes('failed')) return exitCode.hostFailed;
        return outcomes.includes('unreachable') ? exitCode.unreachable : exitCode.done;
      } finally {
        await cluster.close();
      }
    },
    { quiet: follow },
  );
  if (finished.kind === 'done') return finished.value;
  return follow && finished.code === exitCode.interrupted ? exitCode.done : finished.code;
}

/** HAProxy runs in Bamboo's container; what it says lies in the file that rsyslog keeps. */
function sourcesOf(cluster: OpenCluster, names: readonly string[]): readonly LogSource[] {
  const wantsHaproxy = names.includes('haproxy');
  const others = names.filter((name) => name !== 'haproxy');
  const containers =
    others.length === 0
      ? []
      : chooseTargets(cluster, others).flatMap(({ component, hosts }) =>
          hosts.map((host): LogSource => {
            const member = cluster.members.find((each) => each.host === host && each.component === component);
            return { host, component, place: member?.container ?? component };
          }),
        );
  if (!wantsHaproxy) return containers;
  const files = chooseTargets(cluster, ['haproxy']).flatMap(({ hosts }) =>
    hosts.map((host): LogSource => {
      const folder = cluster.variablesOf(host).read('rsyslog_log_directory');
      const file = cluster.variablesOf(host).read('rsyslog_log_file');
      const usual = `${typeof folder === 'string' ? folder : '/data/logs/haproxy'}/haproxy.log`;
      return { host, component: 'haproxy', place: typeof file === 'string' ? file : usual };
    }),
  );
  return [...containers, ...files];
}

/** The host, and the component where there are several; each host in a colour of its own. */
function prefixes(sources: readonly LogSource[], colors: Colors): (source: LogSource) => string {
  const hosts = [...new Set(sources.map(({ host }) => host))];
  const isOne = new Set(sources.map(({ component }) => component)).size === 1;
  const textOf = ({ host, component }: LogSource): string => cleanLine(isOne ? host : `${host} ${component}`);
  const width = Math.max(0, ...sources.map((source) => columnsOf(textOf(source))));
  const palette = [colors.cyan, colors.magenta, colors.yellow, colors.green, colors.blue];
  return (source) => {
    const paint = palette[hosts.indexOf(source.host) % palette.length] ?? colors.cyan;
    return paint(`${padded(textOf(source), width)} |`);
  };
}
