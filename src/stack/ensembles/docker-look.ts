import { ModuleFailure, type LookReply } from '../../modules/types.js';
import type { MemberReply } from '../../rollout/types.js';
import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { engineApi } from '../../modules/docker/look.js';
import { parseReport, tell, type Report } from '../../modules/support/report.js';
import { tellKept } from './kept-settings.js';

/** What one host tells of its engine and of all that lives on it. */
export interface DockerSeen {
  readonly engine:
    | { readonly kind: 'running'; readonly version: string }
    | { readonly kind: 'absent' }
    | { readonly kind: 'silent'; readonly reason: string };
  /** Names of the containers that run; tasks, which Mesos moves about, are left out. */
  readonly containers: readonly string[];
  readonly unfinished: boolean;
  /** What the host told to each kind that has a member on it. */
  readonly parts: ReadonlyMap<string, MemberReply>;
}

const askEngine = shellSource(`engine_seconds=20
if command -v docker >/dev/null 2>&1 && answers=$(engine_api /version /containers/json); then
  tell engine-itself "$answers"
elif command -v docker >/dev/null 2>&1; then
  version=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1)
  if [ "$?" = 0 ]; then
    tell engine "$version"
    tell containers "$(timeout 20 docker ps --format '{{.Names}}' 2>/dev/null)"
  else
    tell engine-silent "$version"
  fi
fi`);

/** Asks for the engine, and asks for each kind what it would ask alone. */
export function dockerLook(parts: ReadonlyMap<string, ShellText>): ShellText {
  return joinShell([
    tell,
    engineApi,
    askEngine,
    tellKept,
    ...[...parts].map(
      ([kind, look]) => sh`tell part ${kind} "$( (
${look}
) 2>/dev/null | base64)"`,
    ),
    shellSource(':'),
  ]);
}

/** What it answered. Throws ModuleFailure for an answer that makes no sense. */
export function parseDockerLook(reply: LookReply): DockerSeen {
  const report = parseReport(reply);
  const itself = engineItself(report);
  const version = itself?.version ?? report.word('engine');
  const silent = report.word('engine-silent');
  return {
    engine:
      version !== undefined
        ? { kind: 'running', version }
        : silent !== undefined
          ? { kind: 'silent', reason: silent.trim().split('\n').at(-1) ?? '' }
          : { kind: 'absent' },
    containers: (itself?.containers ?? (report.word('containers') ?? '').split('\n')).filter(
      (name) => name !== '' && !name.startsWith('mesos-') && !/\.(?:old|new)-/.test(name),
    ),
    unfinished: report.records('kept').length > 0,
    parts: new Map(
      report.records('part').map(([kind = '', bytes = '']): [string, MemberReply] => [
        kind,
        {
          kind: 'reply',
          reply: { code: 0, stdout: Buffer.from(bytes, 'base64'), stderr: Buffer.alloc(0) },
        },
      ]),
    ),
  };
}

/** What the engine answered over its socket: its version, then its running containers, each with its status behind it. */
function engineItself(
  report: Report,
): { readonly version: string; readonly containers: readonly string[] } | undefined {
  const [about = '', , listed = ''] = (report.word('engine-itself') ?? '').split('\n').filter((line) => line !== '');
  if (about === '') return undefined;
  try {
    const { Version: version = '' } = JSON.parse(about) as { readonly Version?: string };
    const containers = JSON.parse(listed) as readonly { readonly Names?: readonly string[] }[];
    return { version, containers: containers.map(({ Names }) => Names?.[0]?.replace(/^\//, '') ?? '') };
  } catch (error) {
    if (error instanceof SyntaxError) throw new ModuleFailure("the engine's answer makes no sense");
    throw error;
  }
}

/** One host's answer, or why there is none. */
export function readDockerReply(
  reply: MemberReply | undefined,
): { readonly seen: DockerSeen } | { readonly reason: string } {
  if (reply === undefined) return { reason: 'it was not asked' };
  if (reply.kind === 'unreached') return { reason: reply.reason };
  try {
    return { seen: parseDockerLook(reply.reply) };
  } catch (error) {
    if (error instanceof ModuleFailure) return { reason: error.message };
    throw error;
  }
}
