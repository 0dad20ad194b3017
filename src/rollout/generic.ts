import { InputError } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { joinShell, sh, type ShellText, shellSource } from '../shell/text.js';
import { Unknown, type Value } from '../template/value.js';
import { genericObservation } from './generic-observation.js';
import type { Ensemble, EnsembleContext, EnsembleKind } from './types.js';

/** Commands of the playbook that are asked of a member, in this order. */
const probes = ['healthy', 'leader', 'present', 'identity'] as const;

const commands = [...probes, 'keep', 'roll_back', 'forget'] as const;

/** An ensemble of anything: the playbook says how to ask its members. */
export const genericKind: EnsembleKind = {
  name: 'generic',
  summary: 'Anything with members: the playbook gives the commands that ask them.',
  settings: {
    title: 'what to call it in messages; the name of the play otherwise',
    healthy: 'shell command: exit code 0 when the member serves; its first line is what it said',
    leader: 'shell command: exit code 0 when the member leads; its turn comes last',
    present: 'shell command: exit code 0 when there is anything of the member; without it, when any member is healthy',
    identity: 'shell command: its first line must be the same after a step',
    quorum: 'members that must serve at any time: a number, or `majority`, the default',
    members: 'pattern of hosts; the hosts of the play otherwise',
    keep: 'shell command that runs before a step and keeps what a roll-back needs',
    roll_back: 'shell command that brings the old state back',
    forget: 'shell command that runs once the gate holds',
  },
  open: openGeneric,
};

function openGeneric(context: EnsembleContext): Ensemble {
  const { settings, span, hosts } = context;
  const members = membersOf(context);
  const title = textOf(settings['title'], { name: 'title', span }) ?? 'the ensemble';
  const quorum = quorumOf(settings['quorum'], { span, members: members.length });
  if (!('healthy' in settings))
    throw mistake('an ensemble of kind `generic` needs the setting `healthy`', { span, hint: 'healthy: curl -fsS …' });
  for (const name of commands) textOf(settings[name], { name, span });
  const commandOf = (host: string, name: string): ShellText | undefined => {
    const said = hosts.find((each) => each.host === host)?.setting(name);
    const command = textOf(said, { name, span });
    return command === undefined ? undefined : shellSource(command);
  };
  const action = (name: string): ((host: string) => ShellText) | undefined =>
    name in settings ? (host) => commandOf(host, name) ?? shellSource(':') : undefined;
  const [keep, rollBack, forget] = [action('keep'), action('roll_back'), action('forget')];
  return {
    title,
    members,
    quorum,
    timing: { inARow: 3, intervalSeconds: 2, deadlineSeconds: 120 },
    look: (host) =>
      joinShell([
        probeFunction,
        ...probes.flatMap((name) => {
          const command = commandOf(host, name);
          return command === undefined ? [] : [sh`probe ${name} ${command.raw}`];
        }),
      ]),
    observe: (replies) => genericObservation({ members, replies, asksLeader: 'leader' in settings }),
    ...(keep ? { keep } : {}),
    ...(rollBack ? { rollBack } : {}),
    ...(forget ? { forget } : {}),
  };
}

/** A line for a probe: its name, its exit code and the first line it printed. */
const probeFunction = shellSource(`probe() {
  said=$(sh -c "$2" 2>&1 </dev/null)
  code=$?
  printf '%s\\t%s\\t%s\\n' "$1" "$code" "$(printf '%s\\n' "$said" | head -n 1 | tr '\\t' ' ')"
}`);

function membersOf(context: EnsembleContext): readonly string[] {
  const { settings, span, allPlayHosts } = context;
  const pattern = textOf(settings['members'], { name: 'members', span });
  if (pattern === undefined) return allPlayHosts;
  const found = context.match(pattern);
  if (found === undefined) throw mistake(`\`members\` matches no host: ${pattern}`, { span });
  return found;
}

function quorumOf(value: Value | undefined, options: { readonly span: Span; readonly members: number }): number {
  const { span, members } = options;
  if (value === undefined || value instanceof Unknown || value === 'majority') return Math.floor(members / 2) + 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= members) return value;
  throw mistake(`\`quorum\` must be \`majority\` or a number up to ${members}, the number of members`, { span });
}

function textOf(value: Value | undefined, options: { readonly name: string; readonly span: Span }): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Unknown) return undefined;
  const shown = typeof value === 'object' ? 'a list or a map' : String(value);
  throw mistake(`\`${options.name}\` of the ensemble must be text, this is ${shown}`, options);
}

function mistake(message: string, options: { readonly span: Span; readonly hint?: string }): InputError {
  const { span, hint } = options;
  return new InputError([
    { severity: 'error', code: 'ensemble-setting', message, span, ...(hint === undefined ? {} : { hint }) },
  ]);
}
