import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultHostForFile } from './support/fault-host.js';

const site = faultHostForFile();
let state: string;

beforeAll(async () => {
  state = join(site.folder.path, '.runner');
  mkdirSync(state);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=1', 'tmpfs', state]);
});

afterAll(async () => {
  execFileSync('umount', [state]);
});

describe('F30: the controller has no room for its journal', () => {
  it('says so with exit 2 before any host is touched', async () => {
    const { code, stderr } = await site.apply('- hosts: web\n  tasks: [{ command: "true" }]\n').ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/journal cannot be written: .*(ENOSPC|no space)/i);
    expect(site.host.log()).not.toContain('Connection from');
  });
});
