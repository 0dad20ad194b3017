import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultHostForFile, startFaultHost } from './support/fault-host.js';

// Its keys lie where no test mounts anything.
const site = faultHostForFile({ parent: '/var/lib' });
let home: string;

beforeAll(async () => {
  ({ home } = site.host.user);
  const uid = execFileSync('id', ['-u', site.host.user.name], { encoding: 'utf8' }).trim();
  const tmpfs = (name: string, options: string): void => {
    mkdirSync(`${home}/${name}`);
    // Inside the mount namespace of sshd: elsewhere the host would not see it and the test would prove nothing.
    site.host.mount('-t', 'tmpfs', '-o', `${options},uid=${uid},mode=0755`, 'tmpfs', `${home}/${name}`);
  };
  tmpfs('small', 'size=2m');
  tmpfs('inodes', 'size=2m,nr_inodes=4');
  tmpfs('readonly', 'size=2m');
  tmpfs('noexec', 'size=2m,noexec');
});

/** What the host itself sees, not this machine's mount namespace. */
function seen(command: string): string {
  const { host } = site;
  return execFileSync('nsenter', ['-t', String(host.pid), '-m', 'sh', '-c', command], { encoding: 'utf8' }).trim();
}

const copyTo = (path: string): string => `- hosts: web
  facts: false
  tasks:
    - name: Copy
      copy: { src: big, dest: ${path} }
      ignore_errors: true
    - name: Command
      command: echo still
`;

describe('F11: the disk of the destination is full', () => {
  it.each([300_000, 40_000])(
    'fails with the words and the path, keeps the old file of %i bytes, leaves nothing',
    async (size) => {
      const path = `${home}/small/target`;
      seen(
        `rm -f ${home}/small/*; echo old > ${path}; head -c 4000000 /dev/zero > ${home}/small/filler 2>/dev/null || :`,
      );
      site.folder.write('big', 'x'.repeat(size));
      const { task, code } = await site.apply(copyTo(path)).ended;
      expect(task('Copy')['h1']).toMatchObject({ status: 'failed', ignored: true });
      expect(task('Copy')['h1']?.message).toMatch(/No space left on device/);
      expect(task('Copy')['h1']?.message).toContain(path);
      expect([task('Command')['h1']?.status, code]).toEqual(['changed', 0]);
      expect(seen(`cat ${path}; ls -A ${home}/small`)).toBe('old\nfiller\ntarget');
    },
  );
});

describe('F12: no inode is left', () => {
  it('fails with the words, and what needs no file still works', async () => {
    seen(`for n in 1 2 3 4 5 6; do echo x > ${home}/inodes/f$n || :; done 2>/dev/null`);
    site.folder.write('big', 'x');
    const { task, code } = await site.apply(copyTo(`${home}/inodes/target`)).ended;
    expect(task('Copy')['h1']?.message).toMatch(/No space left on device/);
    expect([task('Command')['h1']?.status, code]).toEqual(['changed', 0]);
    expect(seen(`ls -A ${home}/inodes`)).not.toContain('runner');
  });

  it('warns when there is no room for the lock, and works', async () => {
    const full = await startFaultHost({ parent: '/var/lib' });
    try {
      full.host.mount('-t', 'tmpfs', '-o', 'size=1m,nr_inodes=1', 'tmpfs', '/tmp');
      const { code, events } = await full.apply(`- hosts: web\n  facts: false\n  tasks: [{ command: "true" }]\n`).ended;
      expect(code).toBe(0);
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: 'message',
          level: 'warning',
          text: expect.stringContaining('h1 cannot be locked') as unknown,
        }),
      );
    } finally {
      await full.stop();
    }
  });
});

describe('F13: the file system is read-only', () => {
  it('fails with the words, keeps the old file, and looking still works', async () => {
    const path = `${home}/readonly/target`;
    seen(`echo old > ${path}`);
    site.host.mount('-o', 'remount,ro', `${home}/readonly`);
    expect(seen(`touch ${path} 2>&1 || :`)).toContain('Read-only');
    site.folder.write('big', 'new');
    const run = site.apply(`${copyTo(path)}    - name: Look
      stat: { path: ${path} }
    - name: Line
      lineinfile: { path: ${path}, line: new }
      ignore_errors: true
`);
    const { task, code } = await run.ended;
    expect(task('Copy')['h1']).toMatchObject({ status: 'failed' });
    expect(task('Copy')['h1']?.message).toMatch(/Read-only file system/);
    expect(task('Line')['h1']?.message).toMatch(/Read-only file system/);
    expect([task('Look')['h1']?.status, code]).toEqual(['ok', 0]);
    expect(seen(`cat ${path}`)).toBe('old');
  });
});

describe('F14: nothing may be executed where temporary files lie', () => {
  it('hinders no module, and no script', async () => {
    const noexec = `${home}/noexec`;
    expect(seen(`cp /bin/true ${noexec}/t; ${noexec}/t 2>&1 || echo refused`)).toContain('refused');
    for (const place of ['/tmp', '/var/tmp', '/dev/shm'])
      site.host.mount('-t', 'tmpfs', '-o', 'size=2m,noexec,mode=1777', 'tmpfs', place);
    site.folder.write('hello.sh', '#!/bin/sh\necho "hello $1"\n');
    const { task, code } = await site.apply(`- hosts: web
  tasks:
    - name: Script
      script: hello.sh you
    - name: Copy
      copy: { content: x, dest: ${noexec}/x }
    - name: Line
      lineinfile: { path: ${noexec}/x, line: y }
    - name: Archive
      archive: { path: ${noexec}/x, dest: ${noexec}/x.tgz }
    - name: Shell
      shell: cat ${noexec}/x
`).ended;
    expect(code).toBe(0);
    expect(task('Script')['h1']?.result).toMatchObject({ stdout: 'hello you' });
    expect(task('Shell')['h1']?.result).toMatchObject({ stdout: 'x\ny' });
  });
});
