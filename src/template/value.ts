/** A value that only a real run could tell: an earlier change hides it. Flows on through conditions, templates and loops. */
export class Unknown {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }

  toJSON(): string {
    return `<unknown: ${this.reason}>`;
  }

  toString(): string {
    return `<unknown: ${this.reason}>`;
  }
}

/** Plain data as playbooks know it, with holes where a preview cannot know. */
export type Value = null | boolean | number | string | readonly Value[] | ValueMap | Unknown;

export interface ValueMap {
  readonly [key: string]: Value;
}

/** Whether a value is a map (not null, a list or unknown). */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}
