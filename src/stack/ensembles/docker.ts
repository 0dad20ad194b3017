import type { Ensemble, EnsembleContext, EnsembleKind } from '../../rollout/types.js';
import type { ShellText } from '../../shell/text.js';
import { dockerLook } from './docker-look.js';
import { observeDocker, type Part } from './docker-observe.js';
import { nextEngine } from './docker-order.js';
import { forgetSettings, keepSettings, rollBackSettings, type EngineSettings } from './kept-settings.js';
import { wordOf } from './member-variables.js';

/**
 * Docker engines, with everything that lives on their hosts: a changed engine restarts, and with it every container
 * unless `live-restore` is on. `kinds` are the ensembles whose members are looked after.
 */
export function dockerKind(kinds: readonly EnsembleKind[]): EnsembleKind {
  return {
    name: 'docker',
    summary:
      'Docker engines: one host at a time, and before the next every ensemble that has a member on the host is well again.',
    settings: {},
    open: (context) => openEngines(kinds, context),
  };
}

function openEngines(kinds: readonly EnsembleKind[], context: EnsembleContext): Ensemble {
  // What the play's `ensemble:` sets is about Docker, not about those who live there.
  const parts = kinds
    .map((kind): Part => ({ kind: kind.name, ensemble: kind.open({ ...context, settings: {} }) }))
    .filter(({ ensemble }) => ensemble.members.length > 0);
  const hosts = new Set([...context.allPlayHosts, ...parts.flatMap(({ ensemble }) => ensemble.members)]);
  const members = context.hosts.map(({ host }) => host).filter((host) => hosts.has(host));
  const looks = (host: string): ReadonlyMap<string, ShellText> =>
    new Map(
      parts.flatMap(({ kind, ensemble }) =>
        ensemble.members.includes(host) ? [[kind, ensemble.look(host)] as const] : [],
      ),
    );
  return {
    title: 'Docker',
    members,
    // Engines have no quorum of their own: those of the ensembles on them are seen to in `next`.
    quorum: 0,
    timing: {
      inARow: 3,
      intervalSeconds: 1,
      deadlineSeconds: Math.max(120, ...parts.map(({ ensemble }) => ensemble.timing.deadlineSeconds)),
    },
    look: (host) => dockerLook(looks(host)),
    observe: (replies, before) => observeDocker({ members, parts }, { replies, before }),
    next: (progress) => nextEngine(parts, progress),
    keep: (host) => keepSettings(settingsOf(context, host)),
    rollBack: (host) => rollBackSettings(settingsOf(context, host)),
    forget: () => forgetSettings,
  };
}

function settingsOf(context: EnsembleContext, host: string): EngineSettings {
  const variables = context.hosts.find((each) => each.host === host);
  return {
    file: (variables && wordOf(variables, 'docker_daemon_file')) ?? '/etc/docker/daemon.json',
    service: (variables && wordOf(variables, 'docker_service')) ?? 'docker',
  };
}
