import { Unknown, type Value } from '../template/value.js';

/** Something a preview has to know before it can go on is not known: the task's outcome is "unknown". Stays inside the room. */
export class UnknownValue extends Error {
  override readonly name = 'UnknownValue';
  readonly value: Unknown;

  constructor(value: Unknown) {
    super(value.reason);
    this.value = value;
  }
}

/** The value, unless it is unknown: then throws UnknownValue. */
export function known<T extends Value>(value: T | Unknown): Exclude<T, Unknown> {
  if (value instanceof Unknown) throw new UnknownValue(value);
  return value as Exclude<T, Unknown>;
}

/** The first unknown inside a value. */
export function findUnknown(value: Value): Unknown | undefined {
  if (value instanceof Unknown) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const member of Object.values(value)) {
    const found = findUnknown(member);
    if (found) return found;
  }
  return undefined;
}
