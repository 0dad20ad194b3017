import type { EnsembleCount, RunEvent } from '../run/events.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { formatDuration } from './duration.js';

export type RolloutEvent = Extract<RunEvent, { kind: `rollout-${string}` }>;

type GateEvent = Extract<RolloutEvent, { kind: 'rollout-gate' }>;

/** The lines of a rollout's event in a log; what only a live line shows has none. */
export function rolloutLines(event: RolloutEvent, colors: Colors): readonly string[] {
  switch (event.kind) {
    case 'rollout-ask':
      return [];
    case 'rollout-plan':
      return planLines(event, colors);
    case 'rollout-step': {
      const verb = event.action === 'stop' ? 'stop' : 'next';
      return [
        `${colors.cyan('→')} ${colors.bold(list(event.hosts))} ${verb} (${cleanLine(event.why)}): ${servingWords(event.ensemble)}`,
      ];
    }
    case 'rollout-gate':
      return event.state === 'waiting' ? [] : gateLines(event, colors);
    case 'rollout-roll-back':
      if (event.state === 'begins')
        return [
          `${colors.yellow('↩')} ${colors.bold(cleanLine(event.host))}: rolling back, ${cleanLine(event.message)}`,
        ];
      return [
        event.state === 'done'
          ? `${colors.yellow('↩')} ${cleanLine(event.message)}`
          : `${colors.red('↩')} ${colors.red(cleanLine(event.message))}`,
      ];
    case 'rollout-refused':
      return [
        `${colors.red('refused:')} ${cleanLine(event.message)}`,
        ...(event.hint === undefined ? [] : [`    hint: ${cleanLine(event.hint)}`]),
      ];
    case 'rollout-end':
      return event.result === 'done'
        ? [colors.green(`${cleanLine(event.ensemble.title)}: ${steppedWords(event.stepped.length)}, the gate holds`)]
        : [];
  }
}

/** "3 of 3 serve, 2 needed, node1 leads". */
export function servingWords(ensemble: EnsembleCount): string {
  const leader = ensemble.leader === undefined ? '' : `, ${cleanLine(ensemble.leader)} leads`;
  return `${ensemble.healthy} of ${ensemble.members} serve, ${ensemble.quorum} needed${leader}`;
}

/** What a live display says beside hosts while a rollout goes on; no hosts: beside all of the play. */
export function liveLine(
  event: RolloutEvent,
): { readonly hosts: readonly string[]; readonly line: string } | undefined {
  switch (event.kind) {
    case 'rollout-ask':
      return { hosts: [], line: cleanLine(event.text) };
    case 'rollout-step':
      return { hosts: event.hosts, line: cleanLine(event.why) };
    case 'rollout-gate':
      return { hosts: event.hosts, line: gateProgress(event) };
    case 'rollout-roll-back':
      return { hosts: [event.host], line: event.state === 'begins' ? 'rolling back' : cleanLine(event.message) };
    case 'rollout-plan':
      return { hosts: [], line: '' };
    case 'rollout-refused':
    case 'rollout-end':
      return undefined;
  }
}

/** A live line for a gate that is waited for: how good it is by now, and what is still unmet. */
function gateProgress(event: GateEvent): string {
  const { good, inARow, unmet, milliseconds, phase } = event;
  const [first, ...more] = unmet;
  const time = formatDuration(milliseconds);
  if (first !== undefined) {
    const where = first.host === undefined ? '' : `${cleanLine(first.host)}: `;
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return `waiting ${time} for: ${where}${cleanLine(first.condition)}: ${cleanLine(first.said)}${others}`;
  }
  return phase === 'soak' ? `soaking ${time}, the gate holds` : `gate holds ${good} of ${inARow}`;
}

function gateLines(event: GateEvent, colors: Colors): readonly string[] {
  const { ensemble, phase, state, good, inARow, milliseconds, unmet } = event;
  // What is wrong before a step is told by the refusal.
  if (phase === 'begin') return [];
  if (state === 'failed') {
    const conditions = unmet.map(
      ({ host, condition, said }) =>
        `    ${host === undefined ? '' : `${cleanLine(host)}: `}${cleanLine(condition)}: ${cleanLine(said)}`,
    );
    return [colors.red(`gate does not hold after ${formatDuration(milliseconds)}:`), ...conditions];
  }
  const held = phase === 'soak' ? `gate held all the time` : `gate holds ${good} of ${inARow}`;
  return [`${colors.green('✓')} ${held} after ${formatDuration(milliseconds)}: ${servingWords(ensemble)}`];
}

function planLines(event: Extract<RolloutEvent, { kind: 'rollout-plan' }>, colors: Colors): readonly string[] {
  const { ensemble, way, pending, steps, unchanged } = event;
  const title = colors.bold(cleanLine(ensemble.title));
  if (way === 'bring-up') return [`${title}: nothing is there yet, all hosts are brought up together`];
  const serving = servingWords(ensemble);
  if (pending.length === 0) return [`${title}: ${serving}; nothing is to be stepped`];
  if (steps.length === 0) return [`${title}: ${serving}; to be stepped: ${list(pending)}`];
  const order = steps.map(
    ({ action, hosts, why }) => `${action === 'stop' ? 'stop ' : ''}${list(hosts)} (${cleanLine(why)})`,
  );
  const first = unchanged.length === 0 ? '' : colors.dim(` (nothing differs on ${list(unchanged)})`);
  return [`${title}: ${serving}; steps: ${order.join(' → ')}${first}`];
}

function steppedWords(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'} stepped`;
}

function list(hosts: readonly string[]): string {
  return hosts.map(cleanLine).join(', ');
}
