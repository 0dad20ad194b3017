import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { reconfigScript } from '../../../src/stack/membership/reconfig.js';
import { sameSettings, superDigest, wantedText } from '../../../src/stack/zookeeper/own-config.js';

const settings = { tickTime: '2000', reconfigEnabled: 'true', '4lw.commands.whitelist': 'srvr,mntr' };
const servers = ['server.1=10.0.0.1:2888:3888;2181', 'server.2=10.0.0.2:2888:3888;2181'];

/** As ZooKeeper 3.8.0 left it in the lab: sorted anew, without the servers. */
const rewritten = `4lw.commands.whitelist=srvr,mntr
reconfigEnabled=true
tickTime=2000
dynamicConfigFile=/reconfig/zoo.cfg.dynamic.100000000
`;

describe('the zoo.cfg that a server rewrites itself', () => {
  it('begins with the list of servers', () => {
    expect(wantedText(undefined, { settings, servers })).toBe(
      'tickTime=2000\nreconfigEnabled=true\n4lw.commands.whitelist=srvr,mntr\n' +
        'server.1=10.0.0.1:2888:3888;2181\nserver.2=10.0.0.2:2888:3888;2181\n',
    );
  });

  it('is as it should be when the server has sorted its lines and put the list elsewhere', () => {
    expect(sameSettings(rewritten, settings)).toBe(true);
    expect(sameSettings(rewritten, { ...settings, tickTime: '3000' })).toBe(false);
    expect(sameSettings(`${rewritten}syncLimit=5\n`, settings)).toBe(false);
  });

  it('keeps what the server wrote of its members when a setting changes', () => {
    const text = wantedText(rewritten, { settings: { ...settings, tickTime: '3000' }, servers });
    expect(text).toContain('tickTime=3000\n');
    expect(text).toContain('dynamicConfigFile=/reconfig/zoo.cfg.dynamic.100000000\n');
    expect(text).not.toContain('server.1');
  });

  it('knows the user super by the digest that ZooKeeper makes of its password', () => {
    // From the ZooKeeper guide: super:superpw.
    expect(superDigest('superpw')).toBe('super:g9oN2HttPfn8MMWJZ2r45Np/LIA=');
  });
});

describe('the order to reconfigure', () => {
  const order = { container: 'zk', client: 'zkCli.sh', server: '127.0.0.1:2181', change: { remove: 3 } } as const;

  it('tells the client its password by its input, as one word, and never shows it', () => {
    const script = reconfigScript({ ...order, password: 'two words' });
    // A client that repeats what it is told: what is said of a failure must not hold the password.
    const client = 'timeout() { cat; }';
    const { status, stderr } = spawnSync('sh', ['-c', `${client}\n${script.raw}`], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'reconfig -remove 3\nquit\n' });
    expect(script.raw).toContain('addauth digest "super:two words"');
  });

  it('is not given for a password that the client cannot be told', () => {
    expect(() => reconfigScript({ ...order, password: `"'` })).toThrow(/both kinds of quotes/);
  });
});
