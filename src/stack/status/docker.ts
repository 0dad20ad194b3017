import { versionOf } from '../version.js';
import type { Engine } from './containers.js';
import { ill, well } from './service-row.js';
import type { DockerRow, Member } from './types.js';

/** The engine's own row. */
export function dockerRow(
  host: string,
  options: { readonly engine: Engine; readonly members: readonly Member[] },
): DockerRow {
  const { engine: state, containers, unfinished } = options.engine;
  const base = { host, component: 'docker', image: {} } as const;
  switch (state.kind) {
    case 'absent':
      return { ...base, version: {}, health: ill('there is no Docker engine on this host') };
    case 'silent':
      return { ...base, version: {}, health: ill(`the engine does not answer: ${state.reason}`) };
    case 'running': {
      const { version, running, liveRestore, uptimeSeconds } = state;
      const isKept = (name: string): boolean =>
        options.members.some(({ container }) =>
          ['old', 'new'].some((word) => name.startsWith(`${container}.${word}-`)),
        );
      // By the name as well: another cluster that shares the host has labelled containers of its own.
      const kept = containers.filter(({ name, component }) => component !== undefined && isKept(name));
      return {
        ...base,
        version: { running: versionOf(version) ?? version },
        health: well(`${running} of ${state.containers} containers run`),
        ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
        details: {
          engineVersion: version,
          running,
          containers: state.containers,
          liveRestore,
          kept: kept.map(({ name }) => name),
          unfinished,
        },
      };
    }
  }
}
