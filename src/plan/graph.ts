import type { Plan, PlannedPlay } from './types.js';

/** The plan as an indented text: waves of plays that may run at the same time, each with its roles and hosts. */
export function graphText(plan: Plan): string {
  const lines: string[] = [];
  for (const [index, wave] of wavesOf(plan).entries()) {
    lines.push(`${index + 1}. ${wave.length > 1 ? 'at the same time:' : ''}`.trimEnd());
    for (const play of wave) lines.push(...playLines(play));
  }
  return lines.join('\n');
}

/** The plan as a Mermaid flowchart (https://mermaid.js.org). */
export function graphMermaid(plan: Plan): string {
  const id = idsOf(plan);
  const nodes = plan.plays.map(
    (play) => `  ${id(play.name)}["${mermaidText([play.name, rolesText(play), hostsText(play)])}"]`,
  );
  const arrows = plan.plays.flatMap((play) => play.needs.map((need) => `  ${id(need)} --> ${id(play.name)}`));
  return ['flowchart TD', ...nodes, ...arrows].join('\n');
}

/** The plan in Graphviz' language (https://graphviz.org/doc/info/lang.html). */
export function graphDot(plan: Plan): string {
  const text = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const nodes = plan.plays.map(
    (play) =>
      `  ${text(play.name)} [label=${text(
        [play.name, rolesText(play), hostsText(play)]
          .filter((part) => part !== '')
          .map(inLines)
          .join('\n'),
      ).replaceAll('\n', '\\n')}];`,
  );
  const arrows = plan.plays.flatMap((play) => play.needs.map((need) => `  ${text(need)} -> ${text(play.name)};`));
  return ['digraph plan {', '  node [shape=box];', ...nodes, ...arrows, '}'].join('\n');
}

/** Characters of a line in a box. */
const longestLine = 60;

/** Plays by the earliest moment they may start. */
function wavesOf(plan: Plan): readonly (readonly PlannedPlay[])[] {
  const depth = new Map<string, number>();
  for (const play of plan.plays)
    depth.set(play.name, 1 + Math.max(-1, ...play.needs.map((need) => depth.get(need) ?? 0)));
  const waves: PlannedPlay[][] = [];
  for (const play of plan.plays) (waves[depth.get(play.name) ?? 0] ??= []).push(play);
  return waves.filter((wave) => wave.length > 0);
}

function playLines(play: PlannedPlay): readonly string[] {
  const after = play.needs.length > 0 ? ` (after ${play.needs.join(', ')})` : '';
  const batches = play.batches.length > 1 ? `, ${play.batches.length} batches` : '';
  return [
    `   ${play.name}${after}`,
    ...(rolesText(play) === '' ? [] : [`     roles: ${rolesText(play)}`]),
    `     hosts: ${hostsText(play)}${batches}`,
  ];
}

function rolesText(play: PlannedPlay): string {
  return [...new Set(play.play.roles.map((step) => step.context.role.name))].join(', ');
}

function hostsText(play: PlannedPlay): string {
  return play.hosts.length === 0 ? 'none' : play.hosts.join(', ');
}

/** A long list of roles or hosts as several lines: one box with hundreds of hosts in a line is no picture. */
function inLines(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(', ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > longestLine) lines.push(word);
    else lines[lines.length - 1] = `${last}, ${word}`;
  }
  return lines.join(',\n');
}

function idsOf(plan: Plan): (name: string) => string {
  const ids = new Map(plan.plays.map((play, index) => [play.name, `play${index + 1}`]));
  return (name) => ids.get(name) ?? 'unknown';
}

function mermaidText(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) =>
      part.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;'),
    )
    .join('<br/>');
}
