import { describe, expect, it } from 'vitest';
import { readTargets } from '../../../../src/stack/upgrade/targets.js';

const said = (...words: readonly string[]): readonly string[] =>
  readTargets(words).diagnostics.map(({ message, hint }) => `${message} | ${hint ?? ''}`);

describe('the words of an upgrade', () => {
  it('reads components in the order of the stack, versions without their v, and stations before the last', () => {
    const { targets, diagnostics } = readTargets(['marathon=v1.5.15,1.6.549', 'zookeeper=3.8.0']);
    expect(diagnostics).toEqual([]);
    expect(targets).toEqual([
      { name: 'zookeeper', stations: [], version: { number: '3.8.0', suffix: '' } },
      {
        name: 'marathon',
        stations: [{ number: '1.5.15', suffix: '' }],
        version: { number: '1.6.549', suffix: '' },
      },
    ]);
  });

  it('keeps what follows the number in the tags of some images', () => {
    const { targets } = readTargets(['mesos=0.28.1-ubuntu-14.04']);
    expect(targets[0]?.version).toEqual({ number: '0.28.1', suffix: '-ubuntu-14.04' });
  });

  it.each([
    ['zookeper=3.8.0', /no component `zookeper`.*did you mean `zookeeper`/],
    ['zk=3.8.0', /it is called `zookeeper`/],
    ['mesos-master=1.9.0', /masters and agents go together/],
    ['haproxy=2.6.0', /comes with the image of Bamboo/],
    ['zookeeper', /says no version/],
    ['zookeeper=', /says no version/],
    ['zookeeper=3.8', /no whole version.*the newest known of that line is 3\.8\.4/],
    ['zookeeper=latest', /no whole version/],
    ['zookeeper=3.18.0', /no ZooKeeper 3\.18\.0 is known/],
    ['zookeeper=3.80.4', /did you mean 3\.8\.4/],
    ['marathon=1.2.0', /no Marathon 1\.2\.0 is known/],
    ['marathon=1.6.549,1.5.15', /do not rise/],
  ])('refuses %s in words that help', (word, words) => {
    expect(said(word)).toHaveLength(1);
    expect(said(word)[0]).toMatch(words);
  });

  it('tells every mistake at once', () => {
    expect(said('zookeper=3.8.0', 'marathon=1', 'bamboo=0.3.1', 'bamboo=0.2.20')).toHaveLength(3);
  });

  it('says what it wants to hear when nothing is named', () => {
    expect(said()[0]).toMatch(/nothing is named.*NAME=VERSION/);
  });
});
