import type { LastChange, Row } from './types.js';

/** A run that changed something on a host, as its journal has it. Times are ISO 8601, of the controller's clock. */
export interface RecordedChange {
  readonly run: string;
  readonly by?: string;
  readonly began: string;
  /** Undefined: it did not come to its end. */
  readonly ended?: string;
  readonly host: string;
  /** The role or the container that was changed; a role is named like its component. */
  readonly subject: string;
}

/** Clocks of hosts may be off by so much, and a container is made before its run has ended. */
const slackMilliseconds = 60_000;

/** The newest of what runs have recorded (`changes` begins with the newest), unless the container was made later than that. */
export function withLastChange<R extends Row>(row: R, changes: readonly RecordedChange[]): R {
  const { host, component, container } = row;
  const recorded = changes.find(
    (change) => change.host === host && (change.subject === component || change.subject === container?.name),
  );
  const lastChange = lastOf(recorded, container?.created);
  return lastChange === undefined ? row : { ...row, lastChange };
}

function lastOf(recorded: RecordedChange | undefined, created: string | undefined): LastChange | undefined {
  if (recorded === undefined) return created === undefined ? undefined : { at: created };
  const { run, by, began, ended } = recorded;
  if (ended !== undefined && created !== undefined && timeOf(created) > timeOf(ended) + slackMilliseconds)
    return { at: created };
  const isMadeByIt = created !== undefined && timeOf(created) > timeOf(began) - slackMilliseconds;
  return { at: isMadeByIt ? created : (ended ?? began), run, ...(by === undefined ? {} : { by }) };
}

function timeOf(text: string): number {
  return Date.parse(text);
}
