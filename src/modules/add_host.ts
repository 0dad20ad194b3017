import { z } from 'zod';
import { defineModule, noChange } from './support/define.js';
import { word, words } from './support/fields.js';

const aliases: Readonly<Record<string, string>> = {
  host: 'name',
  hostname: 'name',
  groupname: 'groups',
  group: 'groups',
};

const addHostParams = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [aliases[key] ?? key, item]))
      : value,
  z.looseObject({
    name: word('The name of the host.'),
    groups: words('Groups the host is put into; a new name makes a group.').default([]),
  }),
);

/** A host that was not there when the run began (a machine that a task has just created). */
export const addHost = defineModule({
  name: 'add_host',
  summary:
    'Adds a host to the inventory of this run, for the plays that follow; every other key is a variable of it. Runs once for all hosts of a batch.',
  params: addHostParams,
  freeForm: 'name',
  controllerOnly: true,
  inventory: 'once',
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params: { name, groups, ...variables } }) => ({
    kind: 'same',
    values: { add_host: { host_name: name, groups } },
    member: { host: name, groups, variables },
  }),
  change: noChange,
});
