import type { Diagnostics } from '../core/diagnostic.js';
import { formatSpan } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import type { Play } from '../playbook/types.js';

/** A play under the name it has in the plan: its own, made unique where several share it. */
export interface NamedPlay {
  readonly name: string;
  readonly play: Play;
  /** Names of the plays that must be done before. */
  readonly needs: readonly string[];
}

/**
 * Gives each play its name and what it needs: what it says, else the play above it. Unknown and ambiguous names and
 * circles are reported; the result is in an order that respects the needs and otherwise that of the files.
 */
export function orderByNeeds(plays: readonly Play[], diagnostics: Diagnostics): readonly NamedPlay[] {
  const names = uniqueNames(plays);
  const named = plays.map((play, index) => ({
    name: names[index] ?? play.name,
    play,
    needs: needsOf({ plays, names, index, diagnostics }),
  }));
  const circle = findCircle(named);
  if (circle === undefined) return sorted(named);
  const first = named.find((each) => each.name === circle[0]);
  diagnostics.error({
    code: 'needs-circle',
    message: `these plays need each other: ${circle.join(' → ')}`,
    ...(first === undefined ? {} : { span: spanOfNeed(first, circle[1]) }),
    related: circle.slice(1, -1).flatMap((name, index) => {
      const play = named.find((each) => each.name === name);
      return play === undefined
        ? []
        : [
            {
              span: spanOfNeed(play, circle[index + 2]),
              message: `\`${name}\` needs \`${circle[index + 2] ?? ''}\` here`,
            },
          ];
    }),
  });
  return named;
}

/** `a`, `a (2)`, …: the first play of a name keeps it, the others get the next number that no play has. */
function uniqueNames(plays: readonly Play[]): readonly string[] {
  const taken = new Set(plays.map((play) => play.name));
  const seen = new Set<string>();
  return plays.map(({ name }) => {
    let unique = name;
    if (seen.has(name)) for (let count = 2; taken.has(unique); count++) unique = `${name} (${count})`;
    seen.add(name);
    taken.add(unique);
    return unique;
  });
}

function needsOf(request: {
  readonly plays: readonly Play[];
  readonly names: readonly string[];
  readonly index: number;
  readonly diagnostics: Diagnostics;
}): readonly string[] {
  const { plays, names, index, diagnostics } = request;
  const needs = plays[index]?.needs;
  if (needs === undefined) return index === 0 ? [] : [names[index - 1]!];
  return needs.flatMap(({ name, span }) => {
    const meant = plays.filter((play) => play.name === name);
    if (meant.length === 1) return [names[plays.indexOf(meant[0]!)]!];
    if (meant.length === 0) {
      const hint = didYouMean(
        name,
        plays.map((play) => play.name),
      );
      diagnostics.error({
        code: 'unknown-play',
        message: `there is no play \`${name}\``,
        span,
        ...(hint === undefined ? {} : { hint }),
      });
    } else {
      diagnostics.error({
        code: 'ambiguous-play',
        message: `${meant.length} plays are called \`${name}\`: ${meant.map((play) => formatSpan(play.span)).join(', ')}`,
        span,
        hint: 'give each a name of its own',
      });
    }
    return [];
  });
}

/** A circle as `a → b → a`, or undefined. */
function findCircle(plays: readonly NamedPlay[]): readonly string[] | undefined {
  const byName = new Map(plays.map((play) => [play.name, play]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    const at = trail.indexOf(name);
    if (at >= 0) return [...trail.slice(at), name];
    if (done.has(name)) return undefined;
    for (const need of byName.get(name)?.needs ?? []) {
      const circle = visit(need, [...trail, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of plays) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function sorted(plays: readonly NamedPlay[]): readonly NamedPlay[] {
  const order: NamedPlay[] = [];
  const waiting = [...plays];
  while (waiting.length > 0) {
    const next = waiting.findIndex((play) => play.needs.every((need) => order.some((each) => each.name === need)));
    order.push(...waiting.splice(next, 1));
  }
  return order;
}

function spanOfNeed(play: NamedPlay, need: string | undefined): Play['span'] {
  return play.play.needs?.find((each) => each.name === need)?.span ?? play.play.span;
}
