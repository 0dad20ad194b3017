import { describe, expect, test } from 'vitest';
import { flagFault, takesNoValue } from '../../../src/stack/flags.js';
import { agentProblem, minimalMesosFor } from '../../../src/stack/compatibility.js';
import { sameVersion, versionOf } from '../../../src/stack/version.js';

describe('a flag of Mesos', () => {
  test.each([
    ['work_dir', '0.23.0'],
    ['work_dir', '1.11.0'],
    ['slave_ping_timeout', '0.28.1'],
    ['agent_ping_timeout', '1.4.1'],
    ['logging_level', '1.4.1'],
  ])('%s is known to a master of %s', (flag, version) => {
    expect(flagFault(flag, { program: 'mesos-master', version })).toBeUndefined();
  });

  test('that got another name still loads by the old one', () => {
    expect(flagFault('slave_ping_timeout', { program: 'mesos-master', version: '1.4.1' })).toBeUndefined();
  });

  test('that came later is told with when', () => {
    expect(flagFault('docker_mesos_image', { program: 'mesos-slave', version: '0.22.1' })?.message).toBe(
      'mesos-slave 0.22.1 has no flag `docker_mesos_image`: releases before 0.23.0 do not have it',
    );
  });

  test('that was taken away is told with when', () => {
    expect(flagFault('checkpoint', { program: 'mesos-slave', version: '0.28.1' })?.message).toContain('gone from');
  });

  test('that never was is told with the nearest', () => {
    expect(flagFault('isolator', { program: 'mesos-slave', version: '0.28.1' })).toEqual({
      message: 'mesos-slave has no flag `isolator` in any version',
      hint: 'did you mean `isolation`?',
    });
    expect(flagFault('qourum', { program: 'mesos-master', version: '1.4.1' })?.hint).toBe('did you mean `quorum`?');
  });
});

describe('an option of Marathon', () => {
  test('event_subscriber is there to the last 1.4 and gone with 1.5', () => {
    const at = (version: string) => flagFault('event_subscriber', { program: 'marathon', version });
    expect(at('0.8.2')).toBeUndefined();
    expect(at('1.4.14')).toBeUndefined();
    expect(at('1.5.0')?.message).toContain('gone from 1.5.0');
  });

  test('of its HTTP library is there in every version', () => {
    expect(flagFault('http_port', { program: 'marathon', version: '0.11.1' })).toBeUndefined();
  });

  test('that is a toggle takes no value', () => {
    expect(takesNoValue('checkpoint', 'marathon')).toBe(true);
    expect(takesNoValue('zk', 'marathon')).toBe(false);
    expect(takesNoValue('checkpoint', 'mesos-slave')).toBe(false);
  });
});

describe('versions', () => {
  test('are read from tags and from what programs say', () => {
    expect(['v1.5.15', '0.28.1-ubuntu-14.04', '3.8.0--1, built on 2022', 'latest', undefined].map(versionOf)).toEqual([
      '1.5.15',
      '0.28.1',
      '3.8.0',
      undefined,
      undefined,
    ]);
  });

  test('that are unknown do not contradict', () => {
    expect(sameVersion('latest', '3.8.0')).toBe(true);
    expect(sameVersion('3.4.13', '3.8.0')).toBe(false);
  });

  test('of Mesos that a Marathon needs', () => {
    expect(['1.1.1', '1.3.14', '1.4.14', '1.6.549', '1.8.222'].map(minimalMesosFor)).toEqual([
      undefined,
      '1.0.0',
      '1.1.0',
      '1.1.0',
      '1.5.0',
    ]);
  });

  test('of agents and masters fit or do not', () => {
    expect(agentProblem('0.28.1', '1.0.4')).toBeUndefined();
    expect(agentProblem('0.28.1', '1.3.0')).toContain('refuse');
    expect(agentProblem('1.9.0', '1.4.1')).toContain('newer');
  });
});
