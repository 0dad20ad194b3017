import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { folderOf, root, runner, type Said } from './program.js';

vi.setConfig({ testTimeout: 60_000 });

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => {
  folder?.remove();
});

const inventory = 'all:\n  hosts:\n    box: { ansible_connection: local }\n';

function project(files: Readonly<Record<string, string>>): {
  readonly path: string;
  run(...args: readonly string[]): Promise<Said>;
} {
  folder = folderOf({ 'inventory.yaml': inventory, ...files });
  const { path } = folder;
  return { path, run: async (...args) => runner(path, args) };
}

/** The example of the documentation, module and playbook, with a path of this test. */
function documented(): { readonly module: string; readonly playbook: string } {
  const page = readFileSync(join(root, 'docs/own-modules.md'), 'utf8');
  const block = (language: string): string => page.split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? '';
  return {
    module: block('ts'),
    playbook: block('yaml').replace('/var/swap, megabytes: 200', '"<%= file %>", megabytes: 2'),
  };
}

const own = (body: string): string => `import { defineModule, fields, params, z } from 'runner-over-ssh';
export default defineModule({
  summary: 'A module of the test.',
  params: params({ port: fields.integer('A port.'), names: z.array(z.strictObject({ first: z.string() })).optional() }),
  look: () => ({ kind: 'nothing', found: undefined }),
  ${body}
  change: async () => ({}),
});
`;
const site = (task: string): string => `- hosts: all\n  tasks:\n    - ${task}\n`;

describe("a project's own module", () => {
  it('is previewed, applied, and has nothing to do the second time: the example of the documentation', async () => {
    const { module, playbook } = documented();
    const { path, run } = project({ 'modules/swap_file.ts': module, 'site.yaml': playbook });
    const file = ['-e', `file=${path}/a file`];
    const plan = await run('plan', 'site.yaml', ...file);
    expect(plan.stdout).toContain('size: 0 → 2097152');
    expect(() => statSync(`${path}/a file`)).toThrow('ENOENT');
    expect((await run('apply', 'site.yaml', ...file)).stdout).toContain('Done: 1 change on 1 host');
    expect(statSync(`${path}/a file`)).toMatchObject({ size: 2 * 1024 * 1024 });
    expect((await run('apply', 'site.yaml', ...file)).stdout).toContain('Nothing to change');
  });

  it('has its parameters checked at their place', async () => {
    const { module } = documented();
    const { run } = project({
      'modules/swap_file.ts': module,
      'modules/named.js': own("compare: () => ({ kind: 'same' }),"),
      'site.yaml': `${site('swap_file: { path: /x, megabytes: many, sise: 3 }')}    - named: { port: 1, names: [{ first: 1 }] }\n`,
    });
    const said = await run('validate', 'site.yaml');
    expect(said.code).toBe(2);
    expect(said.stderr).toMatch(/site\.yaml:3:\d+: error: .*megabytes/);
    expect(said.stderr).toMatch(/site\.yaml:3:\d+: error: .*sise/);
    expect(said.stderr).toMatch(/site\.yaml:4:\d+: error: .*first/);
  });

  it('belongs to a role too, imports files of its own, and is found in another folder than the playbook', async () => {
    const { run } = project({
      'lib/words.ts': 'export const url = (port: number): string => `http://box:${port}`;\n',
      'plays/site.yaml': '- hosts: all\n  roles: [../shared/web]\n',
      'shared/web/modules/web_port.js': `import { url } from '../../../lib/words.ts';
${own("compare: (_, { params: { port } }) => ({ kind: 'same', values: { url: url(port) } }),")}`,
      'shared/web/tasks/main.yaml': '- web_port: { port: 80 }\n  register: told\n- debug: { msg: "<%= told.url %>" }\n',
    });
    const said = await run('apply', 'plays/site.yaml');
    expect(said.stdout).toContain('http://box:80');
    expect(said.code).toBe(0);
  });

  it('is documented by `runner modules`', async () => {
    const { run } = project({
      'modules/swap_file.ts': documented().module,
      'modules/server.js': "throw new Error('nobody asked for this');\n",
    });
    const list = await run('modules');
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(/^swap_file +modules\/swap_file\.ts$/m);
    expect((await run('modules', 'swap_file')).stdout).toContain('Its size in MiB.');
  });

  it.each([
    ['a mistake of its language', 'export default {;\n', /modules\/odd\.js:1:\d+: error: .*`odd` cannot be used/],
    ['an import of nothing', "import './nix.js';\n", /modules\/odd\.js:1:\d+: error: .*Cannot find module/],
    ['no definition', 'export const x = 1;\n', /modules\/odd\.js:1:1: error: .*no default export/],
    ['an error of its own', '\n\nthrow new Error("not today");\n', /modules\/odd\.js:3:\d+: error: .*not today/],
    [
      'parts that are missing',
      'export default { summary: "x" };\n',
      /`params` must be made by .*`look` must be a function; `compare` must be a function/,
    ],
  ])('with %s is a mistake with its place, and nothing is touched', async (_what, text, message) => {
    const { run } = project({
      'modules/odd.js': text,
      'site.yaml': site('odd: { port: 1 }\n      register: told\n    - debug: { msg: "<%= told.x %>" }'),
    });
    const said = await run('apply', 'site.yaml');
    expect(said.code).toBe(2);
    expect(said.stderr).toMatch(message);
    expect(said.stderr).toContain('1 error, 0 warnings');
  });

  it('cannot take the name of another', async () => {
    const { run } = project({
      'modules/copy.js': own(''),
      'modules/twice.js': own(''),
      'modules/twice.ts': own(''),
      'modules/when.js': own(''),
      'site.yaml': site('ping:'),
    });
    const said = await run('validate', 'site.yaml');
    expect(said.code).toBe(2);
    expect(said.stderr).toMatch(/modules\/copy\.js:1:1: error: `copy` means something here already/);
    expect(said.stderr).toMatch(/modules\/when\.js:1:1: error: `when` means something here already/);
    expect(said.stderr).toMatch(
      /modules\/twice\.ts:1:1: error: the module `twice` is there already: modules\/twice\.js/,
    );
  });

  it.each([
    ['throws', 'compare: () => undefined.x,', /`odd` \(modules\/odd\.js:6:\d+\) is wrong: TypeError/],
    [
      'answers what is no answer',
      "compare: () => ({ kind: 'sam' }),",
      /`odd` \(modules\/odd\.js\) is wrong: `compare` answered/,
    ],
    [
      'answers what is no data',
      "compare: () => ({ kind: 'same', values: { now: new Date(), f() {} } }),",
      /`compare` answered .*must be plain data/,
    ],
  ])('that %s fails its task, which can be rescued', async (_what, body, message) => {
    const { run } = project({
      'modules/odd.js': own(body),
      'site.yaml':
        '- hosts: all\n  tasks:\n    - block:\n        - odd: { port: 1 }\n      rescue:\n        - debug: { msg: saved }\n',
    });
    const said = await run('apply', 'site.yaml');
    expect(said.stdout + said.stderr).toMatch(message);
    expect(said.stdout).toContain('saved');
    expect(said.code).toBe(0);
  });

  it('may take a secret, which is masked', async () => {
    const { run } = project({
      'modules/odd.js': own(
        "secrets: ['port'], compare: (_, { params: { port } }) => ({ kind: 'same', message: `it is ${port}` }),",
      ).replace('fields.integer', 'fields.word'),
      'site.yaml': site('odd: { port: hush-hush }'),
    });
    const said = await run('apply', 'site.yaml');
    expect(said.stdout).toContain('it is ');
    expect(said.stdout + said.stderr).not.toContain('hush-hush');
  });

  it('is part of what a saved plan rests on', async () => {
    const { module, playbook } = documented();
    const { path, run } = project({ 'modules/swap_file.ts': module, 'site.yaml': playbook });
    const file = ['-e', `file=${path}/swap`];
    expect((await run('plan', 'site.yaml', ...file, '-o', 'site.plan')).code).toBe(0);
    folder?.write('modules/swap_file.ts', module.replace('1024 * 1024', '1024 * 1000'));
    const refused = await run('apply', 'site.plan', ...file);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('modules/swap_file.ts has changed');
  });
});
