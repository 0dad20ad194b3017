import { basename } from 'node:path';
import pLimit from 'p-limit';
import { exitCode } from '../../core/exit-code.js';
import { CancelledError } from '../../core/errors.js';
import { cleanLine } from '../../report/clean.js';
import { services } from '../../stack/lifecycle/components.js';
import {
  destroyPlays,
  foldersOf,
  listContainers,
  parseContainers,
  remainsOf,
  type Remains,
} from '../../stack/lifecycle/destroy.js';
import { stopEffect } from '../../stack/lifecycle/stop-check.js';
import type { ServiceName } from '../../stack/status/types.js';
import { requireSomebody } from '../confirm.js';
import { withInterrupt } from '../interrupt.js';
import { chooseTargets } from '../lifecycle/choose-targets.js';
import { runPlays } from '../lifecycle/run-plays.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { PlayOptions } from '../options.js';
import { askWord } from '../prompt.js';
import { printError, printLine } from '../terminal.js';
import { askCluster } from './status.js';

export interface DestroyRequest {
  readonly components: readonly string[];
  readonly options: PlayOptions & { readonly yes?: boolean; readonly force?: boolean; readonly data?: boolean };
}

interface Found {
  readonly remains: readonly Remains[];
  /** Hosts that could not be asked, with the reason. */
  readonly unreached: readonly string[];
  readonly passwords: OpenCluster['passwords'];
}

/**
 * `runner destroy [COMPONENT…]`: removes the containers of components, all of them unless some are named, also those that
 * rollouts have kept; data and logs stay unless `--data` says otherwise. What has not our label is never touched.
 */
export async function destroy(request: DestroyRequest): Promise<number> {
  const { components, options } = request;
  if (options.check !== true) requireSomebody(options, { previewFlag: '-C' });
  const finished = await withInterrupt(async (signal): Promise<Found | undefined> => {
    const cluster = await openCluster({ options, signal });
    try {
      const found = await lookFor(cluster, request);
      return (await isAllowed(cluster, { found, options })) ? found : undefined;
    } finally {
      await cluster.close();
    }
  });
  if (finished.kind === 'interrupted') return finished.code;
  const found = finished.value;
  if (found === undefined) return exitCode.hostFailed;
  const plays = destroyPlays(found.remains);
  const rest = found.unreached.length > 0 ? exitCode.unreachable : exitCode.done;
  if (plays.length === 0) {
    printLine('Nothing to remove.');
    return rest;
  }
  const title = ['runner destroy', ...components].join(' ');
  const code = await runPlays({ title, plays, options, passwords: found.passwords });
  return code === exitCode.done ? rest : code;
}

async function lookFor(cluster: OpenCluster, { components, options }: DestroyRequest): Promise<Found> {
  const targets = chooseTargets(cluster, components.length === 0 ? ['all'] : components);
  const limit = pLimit(options.forks ?? 20);
  const unreached: string[] = [];
  const chosen = cluster.members.filter(({ component, host }) =>
    targets.some((target) => target.component === component && target.hosts.includes(host)),
  );
  const hosts = [...new Set(chosen.map(({ host }) => host))];
  const remains = await Promise.all(
    hosts.map((host) =>
      limit(async (): Promise<readonly Remains[]> => {
        try {
          const listed = parseContainers(await cluster.run(host, listContainers()));
          const own = chosen.filter((member) => member.host === host);
          const staying = stayingOn(cluster, { host, leaving: own.map(({ component }) => component) });
          return own.map((member) => {
            const variables = cluster.variablesOf(host);
            const folders = options.data === true ? foldersOf(member.component, { variables, staying }) : [];
            return remainsOf(member, { listed, folders });
          });
        } catch (error) {
          const reason = cluster.troubleOf(error);
          if (reason === undefined || error instanceof CancelledError) throw error;
          printError(`${cleanLine(host)}: ${cleanLine(reason)}`);
          unreached.push(host);
          return [];
        }
      }),
    ),
  );
  return { remains: remains.flat(), unreached, passwords: cluster.passwords };
}

function stayingOn(
  cluster: OpenCluster,
  { host, leaving }: { readonly host: string; readonly leaving: readonly ServiceName[] },
): readonly ServiceName[] {
  return cluster.members
    .filter((member) => member.host === host && !leaving.includes(member.component))
    .map(({ component }) => component);
}

/** Shows what would be removed and asks for the inventory's name; false: refused, or not confirmed. */
async function isAllowed(
  cluster: OpenCluster,
  { found, options }: { readonly found: Found; readonly options: DestroyRequest['options'] },
): Promise<boolean> {
  const { remains } = found;
  for (const { host, foreign } of remains)
    for (const name of foreign) printError(`${cleanLine(host)}: \`${cleanLine(name)}\` has not our label and stays`);
  if (remains.every(({ containers, folders }) => containers.length + folders.length === 0)) return true;
  for (const { host, component, containers, folders } of remains)
    if (containers.length + folders.length > 0)
      printLine(`${cleanLine(host)}: ${component}: ${[...containers, ...folders].map(cleanLine).join(', ')}`);
  if (!(await mayBreak(cluster, { remains, options }))) return false;
  if (options.check === true || options.yes === true) return true;
  const name = basename(options.inventory?.[0] ?? 'inventory.yaml');
  const what = options.data === true ? 'with the data and the logs' : 'the data and the logs stay';
  if ((await askWord(`This removes all of the above (${what}). Type ${name} to go on:`)) === name) return true;
  printError('That was another word. Nothing was touched.');
  return false;
}

async function mayBreak(
  cluster: OpenCluster,
  { remains, options }: { readonly remains: readonly Remains[]; readonly options: DestroyRequest['options'] },
): Promise<boolean> {
  if (options.force === true) return true;
  const status = await askCluster(cluster, [...new Set(cluster.members.map(({ host }) => host))]);
  const effects = services.map((component) => {
    const hosts = remains.filter((each) => each.component === component).map(({ host }) => host);
    return hosts.length === 0 ? undefined : stopEffect({ component, hosts, members: cluster.members, cluster: status });
  });
  const refused = effects.flatMap((effect) => (effect?.kind === 'refused' ? [effect.sentence] : []));
  for (const sentence of refused) printError(`refused: ${cleanLine(sentence)}`);
  if (refused.length === 0) return true;
  printError(
    '  hint: a member is taken out with `runner scale-in`; without `-l` all of it goes; `--force` does it all the same.',
  );
  printError('Nothing was touched.');
  return false;
}
