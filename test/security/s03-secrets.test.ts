import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { labForFile } from '../cli/conformance/lab.js';
import { startRunner } from '../faults/support/program.js';
import { until } from '../rig/until.js';

vi.setConfig({ testTimeout: 120_000 });

const lab = labForFile();
let passworded: string;
const password = 'pw-Zq81!x"y';
const secrets = [
  's3cr3t.*[value]+',
  'two words & more',
  'sl/ash+and=equals',
  'päss-wörd-汉',
  `qu"ot'ed\\back`,
  'AAAABBBBCCCCDDDD',
  '^(reg|ex)?{2,3}$',
  '$1$& back $$reference',
  'first line of it\nsecond-line-of-it',
  '-----BEGIN KEY-----\nbW9yZS1vZi1pdA==\n-----END KEY-----',
  'tab\there and there',
  '{"json":"of-it"}',
  'https://user:pw-of-url@host/path?q=1&r=2',
  'percent%20encoded%2F',
  'not <a> template %>',
  '   spaces around   ',
  '汉字密码',
  'xQ9',
  '0x7fC',
  'looooong-'.repeat(20),
];

beforeAll(async () => {
  passworded = lab.addUser({ name: `${lab.user.name}p`, password, sudo: ['ALL=(ALL) ALL'] }).name;
});

beforeEach(() => {
  const inventory = readFileSync(join(lab.folder, 'inventory.yaml'), 'utf8');
  const lines = secrets.map((secret, index) => `    secret${String(index)}: !secret ${JSON.stringify(secret)}\n`);
  lab.write(
    'inventory.yaml',
    inventory.replace(
      '  vars:\n',
      () => `  vars:\n    become_password: ${JSON.stringify(password)}\n${lines.join('')}`,
    ),
  );
});

const names = secrets.map((_secret, index) => `secret${String(index)}`).join(', ');

const playbook = `
- hosts: web
  tasks:
    - { name: ok, command: { argv: ["printf", "%s", "<%= item %>"] }, loop: "<%= [${names}] %>", changed_when: false }
    - { name: failed, shell: "printf %s '<%= secret0 %>' >&2; exit 3", ignore_errors: true }
    - { name: told, debug: { msg: "<%= [${names}].join(' ') %>" } }
    - { name: encoded, shell: "printf %s '<%= secret5 %>' | base64", changed_when: false }
    - { name: json, debug: { msg: "<%= JSON.stringify({ a: [${names}] }) %>" } }
    - { name: url, debug: { msg: "<%= [${names}].map(encodeURIComponent).join(' ') %>" } }
    - { name: written, copy: { content: "<%= [${names}].join() %>", dest: "<%= out %>/written" } }
    - { name: retried, command: { argv: ["sh", "-c", "echo \\"$0\\"; exit 1", "<%= secret1 %>"] }, retries: 1, delay: 0, ignore_errors: true }
    - { name: differs, copy: { content: "<%= [${names}].join('\\\\n') %>", dest: "<%= out %>/written" } }
    - { name: asynchronous, command: { argv: ["printf", "%s", "<%= secret4 %>"] }, async: 20, poll: 1 }
    - { name: skipped, debug: { msg: "<%= secret9 %>" }, when: "secret8 === ''" }
    - { name: exception, debug: { msg: "<%= JSON.parse(secret7) %>" }, ignore_errors: true }
    - { name: noisy, shell: 'printf "%s\\n" "$A" "$B" >&2; exit 1', environment: { A: "<%= secret8 %>", B: "<%= secret11 %>" }, ignore_errors: true }
    - { name: unreachable, command: "echo <%= secret3 %>", delegate_to: "<%= secret2 %>", ignore_errors: true }
`;

describe('S3: secrets are masked by value', () => {
  it.each([[['--output', 'json', '-D']], [[]], [['-v']], [['-vv', '-D']], [['-vvv', '-D']], [['-vvvv', '-D']]])(
    'in everything that leaves the program, with %j',
    async (flags) => {
      lab.write('site.yaml', playbook);
      const run = await lab.run('apply', 'site.yaml', ...flags);
      expect(run.code, run.stdout + run.stderr).toBe(3);
      const runs = join(lab.folder, '.runner/runs');
      const journal = readdirSync(runs)
        .map((name) => readFileSync(join(runs, name, 'events.jsonl'), 'utf8'))
        .join('');
      expect(journal).toContain('********');
      for (const text of [run.stdout, run.stderr, journal]) {
        for (const secret of secrets) {
          for (const form of [
            secret,
            ...secret.split('\n').filter((line) => line.length > 12),
            // What is cut is masked before it is cut.
            ...(secret.length > 12 ? [secret.slice(0, 10)] : []),
            JSON.stringify(secret).slice(1, -1),
            encodeURIComponent(secret),
            Buffer.from(secret).toString('base64'),
          ])
            expect(
              text.includes(form),
              `${form} in ${text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 80)}`,
            ).toBe(false);
        }
      }
      expect(lab.read('written')).toBe(secrets.join('\n'));
    },
  );
});

/** What a process was started with and its environment, where it is still there. */
function partsOf(
  pid: string,
): { readonly owner: number; readonly cmdline: string; readonly environ: string } | undefined {
  try {
    const [cmdline, environ] = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    return { owner: statSync(`/proc/${pid}`).uid, cmdline: cmdline ?? '', environ: environ ?? '' };
  } catch {
    return undefined;
  }
}

describe('S4: secrets are in no process list', () => {
  it('neither a password of sudo nor what a task, a file or the environment holds', async () => {
    // Each of four tasks waits until it was looked at; the one with an environment in a shell that was started with it.
    const here = join(lab.out, 'here');
    const meets = `: > ${here}; while [ -e ${here} ]; do sleep 0.05; done`;
    lab.write(
      'site.yaml',
      `
- hosts: h1
  become: true
  tasks:
    - { name: who, shell: 'id -un; ${meets}', changed_when: false }
    - { name: script, shell: "x='<%= secret0 %>'; ${meets}", changed_when: false }
    - { name: env, shell: "sh -c '${meets}'", environment: { TOKEN: "<%= secret1 %>" }, changed_when: false }
    - { name: file, copy: { content: "<%= secret5 %>", dest: "<%= out %>/file", mode: "0600" } }
    - { name: vault, copy: { src: vaulted, dest: "<%= out %>/vaulted", mode: "0600" } }
    - { name: stdin, shell: { cmd: "${meets}", stdin: "<%= secret3 %>" }, changed_when: false }
`,
    );
    lab.write('vaulted', 'in-a-secret-file');
    lab.write('vault-password', 'of-the-vault\n');
    const encrypted = await lab.run('secrets', 'encrypt', '--vault-password-file', 'vault-password', 'vaulted');
    expect(encrypted.code, encrypted.stderr).toBe(0);
    const args = [
      'apply',
      '--output',
      'json',
      '-u',
      passworded,
      '--vault-password-file',
      'vault-password',
      'site.yaml',
    ];
    const run = startRunner({ directory: lab.folder, args });
    const program = { over: false };
    void run.ended.then(() => {
      program.over = true;
    });
    const words = [password, 'in-a-secret-file', 'of-the-vault', ...secrets];
    const found = new Set<string>();
    const seen = new Set<string>();
    let met = 0;
    await until(() => {
      const meeting = existsSync(here);
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        const parts = partsOf(pid);
        if (parts === undefined || Number(pid) === process.pid) continue;
        for (const word of words) {
          if (parts.cmdline.includes(word)) found.add(`${word} in the arguments of ${parts.cmdline}`);
          // What a task puts into its own environment is for the user it runs as, and for nobody else.
          if (parts.environ.includes(word) && !(word === secrets[1] && parts.owner === 0))
            found.add(`${word} in the environment of ${parts.cmdline}`);
          else if (parts.environ.includes(word)) seen.add('the environment of its own');
        }
      }
      if (meeting) {
        met += 1;
        rmSync(here);
      }
      return program.over;
    }, 120_000);
    const { code, task, stderr } = await run.ended;
    expect([code, stderr]).toEqual([0, stderr]);
    expect(task('who')['h1']?.result?.['stdout']).toBe('root');
    expect(lab.read('vaulted')).toBe('in-a-secret-file');
    expect([met, ...seen]).toEqual([4, 'the environment of its own']);
    expect([...found]).toEqual([]);
  });
});

describe('S21: what a run keeps here is for its owner only', () => {
  it('whatever the umask is', async () => {
    lab.write('site.yaml', '- hosts: h1\n  facts: false\n  tasks: [{ command: "true" }]\n');
    const run = startRunner({
      directory: lab.folder,
      args: ['apply', 'site.yaml'],
      within: ['sh', '-c', 'umask 000; exec "$@"', 'sh'],
    });
    expect((await run.ended).code).toBe(0);
    const runs = join(lab.folder, '.runner/runs');
    const [name = ''] = readdirSync(runs);
    expect(statSync(join(runs, name)).mode & 0o777).toBe(0o700);
    expect(statSync(join(runs, name, 'events.jsonl')).mode & 0o777).toBe(0o600);
  });
});

describe('S18: the agent stays here', () => {
  it('unless forwarding is asked for', async () => {
    const said = await lab.run('exec', 'h1', '--shell', '--', 'echo "[$SSH_AUTH_SOCK]"');
    expect(said.stdout).toBe('h1 | []\n');
  });
});
