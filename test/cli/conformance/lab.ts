import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecap, RunEvent, TaskOutcome } from '../../../src/run/events.js';
import { forFile } from '../../rig/for-file.js';
import { type RigUser, type RigUserAccount, type SshdOptions, type SshdRig, startSshd } from '../../rig/sshd.js';
import { folderOf, runner } from '../program.js';

/** What a run said and did, with the events of `--output json` read. */
export interface Outcome {
  readonly code: number | null;
  readonly events: readonly RunEvent[];
  readonly stdout: string;
  readonly stderr: string;
  /** What went wrong, for the message of an assertion. */
  readonly why: string;
  /** The recap of a host. */
  recap(host: string): HostRecap;
  /** What became of a task on each host, by the task's name. */
  task(name: string): Readonly<Record<string, TaskOutcome>>;
  /** The statuses of `task`. */
  statuses(name: string): Readonly<Record<string, string>>;
  /** Items of a looped task on a host, in order. */
  items(name: string, host: string): readonly TaskOutcome[];
}

/**
 * Four hosts (web: h1, h2; db: h3, h4) at loopback addresses behind one real sshd, with a login user who may use sudo
 * without a password. Each test has a folder of its own; what tasks write goes to the folder `out` in it.
 */
export interface ConformanceLab {
  readonly sshd: SshdRig;
  readonly user: RigUserAccount;
  /** The test's folder: playbooks, roles, inventory. */
  readonly folder: string;
  /** The folder tasks write to: `out` in a playbook. */
  readonly out: string;
  /** Empties everything for the next test. */
  fresh(): void;
  write(name: string, text: string): void;
  /** The text of a file in `out`; undefined when there is none. */
  read(name: string): string | undefined;
  /** Writes the playbook and applies it. */
  apply(playbook: string, ...flags: readonly string[]): Promise<Outcome>;
  plan(playbook: string, ...flags: readonly string[]): Promise<Outcome>;
  /** The command line as it is. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** What `mark` tasks wrote: all lines "host word", or the words of one host, in order. */
  marks(host?: string): readonly string[];
  addUser(user: RigUser): RigUserAccount;
  stop(): Promise<void>;
}

/** A task that leaves "host word" in the log: `- name: x\n  ${mark('x')}`. Always changed. */
export function mark(word: string): string {
  return `shell: "echo <%= host.name %> ${word} >> <%= log %>"`;
}

export async function startLab(options: SshdOptions = {}): Promise<ConformanceLab> {
  const sshd = await startSshd(options);
  const user = sshd.addUser({ name: `run${sshd.port}`, sudo: ['ALL=(ALL:ALL) NOPASSWD: ALL'] });
  let folder = newFolder({ sshd, user });
  const out = (): string => join(folder.path, 'out');
  const run = async (...args: readonly string[]): Promise<Outcome> =>
    outcomeOf(await runner(folder.path, args, { SSH_AUTH_SOCK: '' }));
  const playbook =
    (command: string) =>
    async (text: string, ...flags: readonly string[]): Promise<Outcome> => {
      folder.write('site.yaml', text);
      return run(command, '--output', 'json', 'site.yaml', ...flags);
    };
  return {
    sshd,
    user,
    get folder() {
      return folder.path;
    },
    get out() {
      return out();
    },
    fresh() {
      folder.remove();
      folder = newFolder({ sshd, user });
    },
    write: (name, text) => folder.write(name, text),
    read: (name) => textOf(join(out(), name)),
    apply: playbook('apply'),
    plan: playbook('plan'),
    run,
    marks(host) {
      const lines = (textOf(join(out(), 'log')) ?? '').split('\n').filter(Boolean);
      return host === undefined
        ? lines
        : lines.filter((line) => line.startsWith(`${host} `)).map((line) => line.slice(host.length + 1));
    },
    addUser: (added) => sshd.addUser(added),
    async stop() {
      await sshd.stop();
      folder.remove();
    },
  };
}

/** One lab for all tests of a file; each test begins with empty folders. */
export function labForFile(options: SshdOptions = {}): ConformanceLab {
  return forFile({ start: () => startLab(options), refresh: (lab) => lab.fresh(), stop: (lab) => lab.stop() });
}

/** The inventory every test begins with. */
export function inventoryText(options: {
  readonly sshd: SshdRig;
  readonly user: string;
  readonly out: string;
  readonly vars?: string;
}): string {
  const { sshd, user, out, vars = '' } = options;
  const host = (number: number): string => `        h${number}: { ssh: { host: 127.0.1.${number} } }`;
  return `all:
  vars:
    out: ${out}
    log: ${out}/log
    ssh: { port: ${sshd.port}, user: ${user}, key: ${sshd.key}, known_hosts: ${sshd.knownHosts}, host_key: strict }
${vars}  children:
    web:
      hosts:
${host(1)}
${host(2)}
    db:
      hosts:
${host(3)}
${host(4)}
`;
}

function newFolder(options: { readonly sshd: SshdRig; readonly user: RigUserAccount }): ReturnType<typeof folderOf> {
  const folder = folderOf({});
  const out = join(folder.path, 'out');
  chmodSync(folder.path, 0o755);
  mkdirSync(out);
  // Tasks run as the login user, and as others.
  chmodSync(out, 0o777);
  writeFileSync(join(out, 'log'), '');
  chmodSync(join(out, 'log'), 0o666);
  folder.write('inventory.yaml', inventoryText({ sshd: options.sshd, user: options.user.name, out }));
  return folder;
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function outcomeOf(said: { readonly code: number | null; readonly stdout: string; readonly stderr: string }): Outcome {
  const events = eventsOf(said.stdout);
  const task = (name: string): Readonly<Record<string, TaskOutcome>> =>
    Object.fromEntries(
      events.flatMap((event) =>
        event.kind === 'task-end' && event.ref.task === name ? [[event.ref.host, event.outcome]] : [],
      ),
    );
  return {
    ...said,
    events,
    why: whyOf(events, said.stderr),
    task,
    recap(host) {
      const found = events
        .flatMap((event) => (event.kind === 'run-end' ? event.recap : []))
        .find((each) => each.host === host);
      if (found === undefined) throw new Error(`no recap of ${host}:\n${said.stdout}${said.stderr}`);
      return found;
    },
    statuses: (name) => Object.fromEntries(Object.entries(task(name)).map(([host, { status }]) => [host, status])),
    items: (name, host) =>
      events.flatMap((event) =>
        event.kind === 'item-end' && event.ref.task === name && event.ref.host === host ? [event.outcome] : [],
      ),
  };
}

function whyOf(events: readonly RunEvent[], stderr: string): string {
  const lines = events.flatMap((event) => {
    if (event.kind === 'message') return [event.text];
    if (event.kind === 'host-unreachable') return [`${event.host} unreachable: ${event.message}`];
    const { status, message } = event.kind === 'task-end' ? event.outcome : {};
    return event.kind === 'task-end' && status === 'failed' ? [`${event.ref.host} ${event.ref.task}: ${message}`] : [];
  });
  return [...lines, stderr].join('\n');
}

/** The lines of JSON; none when the output is something else. */
function eventsOf(stdout: string): readonly RunEvent[] {
  if (!stdout.startsWith('{"kind":')) return [];
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RunEvent);
}
