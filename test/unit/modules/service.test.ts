import { describe, expect, test } from 'vitest';
import { service, serviceChanges } from '../../../src/modules/service.js';
import { parseReport } from '../../../src/modules/support/report.js';
import { parseService, type ServiceState } from '../../../src/modules/support/service-managers.js';

const told = (...records: readonly (readonly string[])[]): ServiceState => {
  const words = records.flatMap((record) => [String(record.length), ...record]);
  return parseService(parseReport({ code: 0, stdout: Buffer.from(`${words.join('\0')}\0`), stderr: Buffer.alloc(0) }));
};

const changes = (found: ServiceState, params: object) =>
  serviceChanges(found, service.params.parse({ name: 'x', ...params })).map(({ part, before, after }) => [
    part,
    before,
    after,
  ]);

const running = told(
  ['init', 'systemd'],
  ['show', 'LoadState=loaded\nActiveState=active\nNeedDaemonReload=no'],
  ['is', 'enabled'],
);

describe('the state of a service', () => {
  test('is read from what systemd shows', () => {
    expect(running).toEqual({
      init: 'systemd',
      known: true,
      active: 'active',
      enabled: true,
      masked: false,
      stale: false,
    });
    expect(told(['init', 'systemd'], ['show', 'LoadState=not-found\nActiveState=inactive'], ['is', ''])).toMatchObject({
      known: false,
    });
    expect(told(['init', 'systemd'], ['show', 'LoadState=loaded'], ['is', 'static']).enabled).toBeUndefined();
  });
  test('is read from scripts where there is no systemd', () => {
    expect(told(['init', 'sysv'], ['known'], ['running'])).toMatchObject({
      known: true,
      active: 'active',
      enabled: false,
    });
  });
});

describe('what would change of a service', () => {
  test('is nothing when it runs and starts at boot', () => {
    expect(changes(running, { state: 'started', enabled: true })).toEqual([]);
  });
  test('is a start, also of one that has failed', () => {
    expect(changes({ ...running, active: 'failed' }, { state: 'started' })).toEqual([['state', 'failed', 'started']]);
  });
  test('is a restart each time', () => {
    expect(changes(running, { state: 'restarted' })).toEqual([['state', 'active', 'restarted']]);
  });
  test('is reading the unit files only when they have changed', () => {
    expect(changes(running, { state: 'started', daemon_reload: true })).toEqual([]);
    expect(changes({ ...running, stale: true }, { daemon_reload: true, state: 'started' })).toEqual([
      ['unit files', 'changed', 'read again'],
    ]);
  });
  test('is enabling before starting', () => {
    const down = { ...running, active: 'inactive', enabled: false };
    expect(changes(down, { state: 'started', enabled: true }).map(([part]) => part)).toEqual(['enabled', 'state']);
  });
});

test('a service that does not exist fails whatever is asked of it, unless an earlier task of the preview brings it', () => {
  const missing = told(['init', 'systemd'], ['show', 'LoadState=not-found\nActiveState=inactive'], ['is', '']);
  for (const state of ['started', 'stopped', 'restarted']) {
    const context = { params: service.params.parse({ name: 'ngnix', state }), prepared: undefined, preview: true };
    expect(() => service.compare(missing, context)).toThrow('there is no service ngnix on the host');
    const promised = { has: (resource: string) => resource === 'service:ngnix', touches: () => false };
    expect(() => service.compare(missing, { ...context, promised })).not.toThrow();
  }
});
