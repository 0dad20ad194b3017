import { expect, test } from 'vitest';
import { journalSink, readJournal } from '../../../src/run/journal.js';
import { Lab } from './support/lab.js';

const files = {
  'pb/roles/app/tasks/main.yaml': `
- sim: "conf <%= app %>"
  notify: restart
- sim: "reload <%= app %>"
  notify: all of them
`,
  'pb/roles/app/handlers/main.yaml': `
- name: restart
  sim: "restart <%= app %>"
- listen: all of them
  sim: "reloaded <%= app %>"
- name: "check <%= app %>"
  sim: "check <%= app %>"
`,
};

test('handlers of a role that is included in a loop see the item of their round, as its tasks do', async () => {
  const lab = new Lab({ files });
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - include_role: { name: app }
      loop: [a, b]
      vars: { app: "<%= item %>" }
    - sim: after
      notify: check a
`);
  expect(lab.trace).toEqual([
    'h1 conf a',
    'h1 reload a',
    'h1 conf b',
    'h1 reload b',
    'h1 after',
    'h1 restart a',
    'h1 reloaded a',
    'h1 check a',
    'h1 restart b',
    'h1 reloaded b',
  ]);
  expect(result).toBe('done');
});

test('a round notifies its own handlers; from outside the last round has the name, and each of them the topic', async () => {
  const lab = new Lab({
    files: {
      ...files,
      'pb/roles/app/tasks/main.yaml': `- sim: {do: "conf <%= app %>", changed: "<%= app === 'b' %>"}\n  notify: restart\n`,
    },
  });
  await lab.run(`
- hosts: [h1, h2]
  serial: 1
  tasks:
    - include_role: { name: app }
      loop: [a, b, c]
      vars: { app: "<%= item %>" }
    - meta: flush_handlers
    - sim: after
      notify: [restart, all of them]
      when: host.name === 'h2'
`);
  const rounds = (host: string): readonly string[] =>
    ['conf a', 'conf b', 'conf c', 'restart b'].map((each) => `${host} ${each}`);
  expect(lab.trace).toEqual([
    ...rounds('h1'),
    ...rounds('h2'),
    'h2 after',
    'h2 reloaded a',
    'h2 reloaded b',
    'h2 restart c',
    'h2 reloaded c',
  ]);
});

const playbook = (tasks: string): string => `
- name: main
  hosts: [h1, h2]
  tasks:
${tasks}`;

const dueAfter = (lab: Lab): ReturnType<typeof readJournal> => {
  const lines: string[] = [];
  lab.events.forEach(journalSink((line) => lines.push(line)));
  return readJournal(lines.join('\n'));
};

test('a handler of an included role that was due when its host failed runs in the next run, when the role is included', async () => {
  const roles = {
    'pb/roles/app/tasks/main.yaml': '- sim: {do: conf, changed: false}\n',
    'pb/roles/app/handlers/main.yaml': '- name: restart\n  sim: restart\n',
  };
  const due = [{ play: 'main', host: 'h1', handlers: ['restart'] }];
  const lab = new Lab({ files: roles, options: { dueHandlers: due } });
  await lab.run(playbook('    - include_role: { name: app }\n'));
  expect(lab.trace).toEqual(['h1 conf', 'h2 conf', 'h1 restart']);
  expect(dueAfter(lab)?.due).toEqual([]);
});

test('what an earlier run left undone stays due where a run does not get to it', async () => {
  const due = [
    { play: 'main', host: 'h2', handlers: ['restart'] },
    { play: 'other', host: 'h1', handlers: ['reload'] },
  ];
  const lab = new Lab({ options: { dueHandlers: due } });
  await lab.run('- name: main\n  hosts: [h1]\n  tasks: [{ sim: a }]\n  handlers: [{ name: restart, sim: restart }]\n');
  expect(lab.trace).toEqual(['h1 a']);
  expect(dueAfter(lab)?.due).toEqual(due);
});
