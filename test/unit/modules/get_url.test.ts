import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { getUrl } from '../../../src/modules/get_url.js';
import { localController } from './local-controller.js';
import { isThere, localHost, shellWith } from './local-host.js';
import { applyModule, type Pass } from './run-module.js';

const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
const sha256 = (text: string): string => `sha256:${sum(text)}`;

const basics = ['cat', 'chmod', 'cmp', 'cp', 'dirname', 'mktemp', 'mv', 'readlink', 'rm', 'sha256sum', 'stat', 'tr'];
const clients = ['curl', 'wget'].filter(isThere);

test('get_url names what the host lacks', async () => {
  const host = localHost(shellWith(basics));
  const params = { url: 'http://127.0.0.1:1/x', dest: join(tmpdir(), 'runner-never-made') };
  const { comparison } = await applyModule(host, { module: getUrl, params, controller: localController('/', {}) });
  expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining('neither curl nor wget') });
});

describe.each(clients)('get_url on a host with %s', (client) => {
  const shell = shellWith([...basics, client]);
  let server: Server;
  let asked = 0;
  const folder = mkdtempSync(join(tmpdir(), 'runner-get-'));
  const dest = join(folder, 'file');

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked += 1;
      const { authorization, 'user-agent': agent } = request.headers;
      if (request.url === '/mine') response.end(`${authorization} ${agent}`);
      else if (request.url === '/sums') response.end(`${'0'.repeat(64)}  other\n${sum('new').toUpperCase()} *./file\n`);
      else if (request.url === '/one') response.end(sum('new'));
      else if (request.url === '/file') response.end('new');
      else response.writeHead(404).end('none');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked = 0;
    writeFileSync(dest, 'old');
  });

  const get = (params: object, path = '/file'): Promise<Pass> => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    return applyModule(localHost(shell), {
      module: getUrl,
      params: { url, dest, ...params },
      controller: localController('/', {}),
    });
  };

  test('does not invent a folder', async () => {
    const pass = await get({ dest: join(folder, 'newdir/') });
    expect(pass.comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining('does not exist') });
  });

  test('shows who asks, with curl', async () => {
    const params = { username: 'u', password: 'p"w', http_agent: 'tester/1', force: true, force_basic_auth: true };
    const { comparison } = await get(params, '/mine');
    if (client !== 'curl') {
      expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining('need curl') });
      return;
    }
    expect(readFileSync(dest, 'utf8')).toBe(`Basic ${Buffer.from('u:p"w').toString('base64')} tester/1`);
  });

  test('keeps the old file when that is wished, and says when the new one is the same', async () => {
    const { result } = await get({ force: true, backup: true });
    const kept = readdirSync(folder).find((name) => name !== 'file') ?? '';
    expect(result?.values).toMatchObject({ backup_file: join(folder, kept) });
    expect(readFileSync(join(folder, kept), 'utf8')).toBe('old');
    rmSync(join(folder, kept));
    expect((await get({ force: true, backup: true })).result?.changed).toBe(false);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('replaces a file with another checksum, then asks no more', async () => {
    expect((await get({ checksum: sha256('new'), mode: '0600' })).comparison.kind).toBe('change');
    expect(readFileSync(dest, 'utf8')).toBe('new');
    expect((await get({ checksum: sha256('new'), mode: '0600' })).comparison.kind).toBe('same');
    expect(asked).toBe(1);
  });

  test.each(['/sums', '/one'])('takes the sum from a file of the server: %s', async (path) => {
    const checksum = `sha256:http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    expect((await get({ checksum })).comparison.kind).toBe('change');
    expect(readFileSync(dest, 'utf8')).toBe('new');
    expect((await get({ checksum })).comparison.kind).toBe('same');
    const { comparison } = await get({ checksum, dest: join(folder, 'x') }, '/none');
    const said = path === '/sums' ? 'holds no sum of none' : '';
    expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining(said) });
    expect((await get({ checksum: `${checksum}-lost` })).comparison.kind).toBe('failed');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test.each([
    ['a wrong checksum', { checksum: sha256('other') }, '/file', 'the checksum is'],
    ['an address that is not found', { force: true }, '/none', ''],
    ['a server that refuses', { force: true, url: 'http://127.0.0.1:1/x' }, '', ''],
  ])('keeps the old file for %s', async (_name, params, path, said) => {
    const { comparison } = await get(params, path);
    expect(comparison).toMatchObject({ kind: 'failed', message: expect.stringContaining(said) });
    expect(readFileSync(dest, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
