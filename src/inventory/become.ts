import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { optional, readFields } from '../syntax/fields.js';
import { locatedFromData } from '../syntax/from-data.js';
import { boolean, nonEmptyText, oneOf, text } from '../syntax/reader.js';

/** What the inventory says of becoming another user; plays, tasks and flags say more, and win. */
export interface InventoryBecome {
  readonly become?: boolean;
  readonly user?: string;
  readonly method?: 'sudo' | 'su';
  readonly password?: string;
}

/** Reads `become`, `become_user`, `become_method` and `become_password` out of a host's rendered variables. */
export function resolveBecome(options: {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly span: Span;
  readonly diagnostics: Diagnostics;
}): InventoryBecome {
  const { variables, span, diagnostics } = options;
  const names = ['become', 'become_user', 'become_method', 'become_password'].filter(
    (name) => variables[name] !== undefined,
  );
  const data = Object.fromEntries(names.map((name) => [name, variables[name]]));
  const said = readFields({
    located: locatedFromData({ data, span, diagnostics }),
    what: 'the host',
    fields: {
      become: optional(boolean()),
      become_user: optional(nonEmptyText()),
      become_method: optional(oneOf(['sudo', 'su'])),
      become_password: optional(text()),
    },
    diagnostics,
  });
  return {
    ...(said?.become === undefined ? {} : { become: said.become }),
    ...(said?.become_user === undefined ? {} : { user: said.become_user }),
    ...(said?.become_method === undefined ? {} : { method: said.become_method }),
    ...(said?.become_password === undefined ? {} : { password: said.become_password }),
  };
}
