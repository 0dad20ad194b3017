import { expect, it } from 'vitest';
import { standings, standingWords } from '../../../../src/stack/upgrade/standing.js';
import { ensemble, liveOf, targetsOf } from './live.js';

it('says how far an upgrade has come, host by host', () => {
  const live = liveOf(ensemble('zookeeper', ['3.4.13', '3.8.0', '3.8.0']));
  expect(standings(targetsOf('zookeeper=3.8.0'), live).map(standingWords)).toEqual([
    'ZooKeeper: 3.8.0 on node2 and node3; node1 stays at 3.4.13',
  ]);
});

it('does not claim to know what a host runs that was not heard', () => {
  const live = liveOf(ensemble('zookeeper', ['3.8.0', '3.8.0', '3.8.0']), ['node3']);
  const [standing] = standings(targetsOf('zookeeper=3.8.0'), live);
  expect(standing?.left).toEqual([{ host: 'node3', version: undefined }]);
  expect(standing === undefined ? '' : standingWords(standing)).toBe(
    'ZooKeeper: 3.8.0 on node1 and node2; what node3 runs is not known',
  );
});

it('tells masters and agents apart', () => {
  const live = liveOf([
    ...ensemble('mesos-master', ['1.9.0', '1.9.0', '1.9.0']),
    ...ensemble('mesos-slave', ['1.4.1', '1.4.1'], 'a'),
  ]);
  expect(standings(targetsOf('mesos=1.9.0'), live).map(standingWords)).toEqual([
    'Mesos masters: 1.9.0 on node1, node2 and node3',
    'Mesos agents: a1 and a2 stay at 1.4.1',
  ]);
});
