import { describe, expect, it } from 'vitest';
import { pathOf } from '../../../../src/stack/upgrade/paths.js';
import { targetsOf } from './live.js';

function way(word: string, ...running: readonly string[]): string {
  const [target] = targetsOf(word);
  if (target === undefined) throw new Error('no target');
  const path = pathOf(target, running);
  return path.kind === 'path' ? path.versions.map(({ number, suffix }) => number + suffix).join(' ') : path.message;
}

describe('the way from version to version', () => {
  it.each([
    // ZooKeeper
    ['zookeeper=3.8.0', ['3.4.13'], '3.8.0'],
    ['zookeeper=3.8.0', ['3.4.14'], '3.8.0'],
    ['zookeeper=3.8.0', ['3.4.6'], '3.4.14 3.8.0'],
    ['zookeeper=3.9.3', ['3.4.13'], '3.8.4 3.9.3'],
    ['zookeeper=3.8.0,3.9.3', ['3.4.13'], '3.8.0 3.9.3'],
    ['zookeeper=3.9.3', ['3.4.5'], '3.4.14 3.8.4 3.9.3'],
    ['zookeeper=3.9.3', ['3.5.5'], '3.9.3'],
    ['zookeeper=3.9.3', ['3.8.0'], '3.9.3'],
    ['zookeeper=3.8.0', ['3.8.0'], '3.8.0'],
    ['zookeeper=3.8.0', ['3.8.4'], '3.8.0'],
    // A rollout that was cut off is finished first.
    ['zookeeper=3.8.0', ['3.4.13', '3.8.0'], '3.8.0'],
    ['zookeeper=3.9.3', ['3.4.13', '3.8.0'], '3.8.0 3.9.3'],
    // Mesos
    ['mesos=1.9.0', ['1.4.1'], '1.9.0'],
    ['mesos=1.9.0', ['0.28.1'], '1.0.4 1.9.0'],
    ['mesos=1.9.0', ['0.23.0'], '0.28.1 1.0.4 1.9.0'],
    ['mesos=1.0.4', ['0.28.1'], '1.0.4'],
    ['mesos=0.28.1', ['0.23.0'], '0.28.1'],
    ['mesos=1.9.0', ['0.28.1', '1.0.1'], '1.0.1 1.9.0'],
    ['mesos=1.0.4-ubuntu-14.04', ['0.23.0'], '0.28.1-ubuntu-14.04 1.0.4-ubuntu-14.04'],
    // Marathon
    ['marathon=1.5.15', ['1.4.14'], '1.5.15'],
    ['marathon=1.6.549', ['1.4.14'], '1.5.15 1.6.549'],
    ['marathon=1.8.222', ['1.4.14'], '1.5.15 1.6.549 1.7.174 1.8.222'],
    ['marathon=1.6.549,1.8.222', ['1.6.322'], '1.6.549 1.8.222'],
    ['marathon=1.6.549,1.8.222', ['1.6.549'], '1.8.222'],
    ['marathon=1.5.2', ['1.5.0'], '1.5.2'],
    ['marathon=1.3.14', ['0.15.3'], '1.1.1 1.3.14'],
    ['marathon=1.5.15', ['1.4.14', '1.5.15'], '1.5.15'],
    // Bamboo
    ['bamboo=0.3.1', ['0.2.11'], '0.3.1'],
    ['bamboo=0.2.20', ['0.3.1'], '0.2.20'],
    ['bamboo=0.2.11', ['0.2.15'], '0.2.11'],
  ] as const)('%s from %j is %s', (word, running, expected) => {
    expect(way(word, ...running)).toBe(expected);
  });

  it.each([
    ['zookeeper=3.4.14', ['3.8.0'], /no server of 3\.4 reads for certain/],
    ['zookeeper=3.4.13', ['3.4.13', '3.8.0'], /no server of 3\.4/],
    ['zookeeper=3.8.0', ['3.9.3'], /rolled forward only/],
    ['zookeeper=3.8.0', [], /which ZooKeeper runs is not known/],
    ['mesos=1.4.1', ['1.9.0'], /agents would be newer than their masters/],
    ['marathon=1.4.14', ['1.5.15'], /its state in ZooKeeper has been migrated/],
    ['bamboo=0.2.15', ['0.3.1'], /from 0\.2\.20 on Bamboo writes its routes/],
    ['docker=20.10.0', ['26.1.0'], /a package is not taken back/],
  ] as const)('there is none for %s from %j', (word, running, words) => {
    expect(way(word, ...running)).toMatch(words);
  });
});
