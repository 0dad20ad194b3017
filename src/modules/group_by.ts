import { defineModule, noChange, params } from './support/define.js';
import { word, words } from './support/fields.js';

/** Groups by what only the run knows, a fact for one: `key: "os_<%= facts.os.id %>"`. */
export const groupBy = defineModule({
  name: 'group_by',
  summary: 'Puts this host into a group of this run, for the plays that follow; the group is made when it is new.',
  params: params({
    key: word('The name of the group; blanks become `-`.'),
    parents: words('Groups that the group is put below.').default([]),
  }),
  freeForm: 'key',
  controllerOnly: true,
  inventory: 'each host',
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params: { key, parents } }) => {
    const groups = [plain(key)];
    return { kind: 'same', values: { add_group: groups[0]! }, member: { groups, parents: parents.map(plain) } };
  },
  change: noChange,
});

function plain(name: string): string {
  return name.replaceAll(/\s/g, '-');
}
