import { posix } from 'node:path';
import { expect, test } from 'vitest';
import type { Step } from '../../../src/playbook/types.js';
import { dataLayer } from '../../../src/run/layers.js';
import { evaluate } from '../../../src/template/evaluate.js';
import { extendScope } from '../../../src/template/scope.js';
import type { Value } from '../../../src/template/value.js';
import { clusterPlan } from './cluster.js';

/**
 * What the official image understands, as its Dockerfile and entrypoint (3.5 to 3.9) and ZooKeeper's zkServer.sh and zkEnv.sh
 * show; the image itself is in no registry that the lab reaches.
 */
const image = { configFolder: '/conf', data: '/data', dataLog: '/datalog', logs: '/logs', user: '1000' };

const hosts = Object.fromEntries(
  ['1', '2', '3', '4', '5'].map((number) => [
    `node${number}`,
    { name: `node${number}`, address: `10.0.0.${number}`, vars: {} },
  ]),
);

function containersIn(step: Step): readonly Extract<Step, { readonly kind: 'module' }>[] {
  if (step.kind === 'block') return step.block.flatMap(containersIn);
  return step.kind === 'module' && step.module === 'docker_container' ? [step] : [];
}

/** What the role gives its container on node1. */
function containerWith(variables: string): Readonly<Record<string, Value>> {
  const { plan, context } = clusterPlan({ variables });
  const planned = plan.plays.find(({ name }) => name === 'ZooKeeper ensemble')!;
  const [server] = planned.play.roles.flatMap(({ steps }) => steps).flatMap(containersIn);
  const registered = { zookeeper_own: { super_digest: 'super:digest', fingerprint: 'f' }, run: { rolling: true } };
  const builtins = dataLayer('built-in', { host: hosts['node1']!, hosts, ...registered });
  const scope = extendScope(context.scopeOf(planned, 'node1'), [builtins]);
  const wanted = new Set(['entrypoint', 'command', 'env', 'volumes', 'config_files']);
  return Object.fromEntries(
    server!.params.entries
      .filter(({ key }) => wanted.has(key))
      .map(({ key, value }) => [key, evaluate(value, scope)] as const),
  );
}

/** The mounts of a container by their place in it: `folder` or `folder:ro` of the host. */
function mounts(volumes: Value | undefined): ReadonlyMap<string, string> {
  const list = Array.isArray(volumes) ? volumes.map(String) : [];
  return new Map(
    list.map((volume) => {
      const [from = '', to = '', mode] = volume.split(':');
      return [to, mode === undefined ? from : `${from}:${mode}`];
    }),
  );
}

test('the official image gets its zoo.cfg where it looks for one, so that it writes none of its own', () => {
  const { entrypoint, command, env, volumes } = containerWith('');
  // Its own entrypoint and command: `zkServer.sh start-foreground`, which reads zoo.cfg and java.env of /conf.
  expect([entrypoint, command]).toEqual([null, null]);
  expect(Object.keys(env as object)).toEqual(['JVMFLAGS']);
  const where = mounts(volumes);
  expect(where.get(`${image.configFolder}/zoo.cfg`)).toMatch(/:ro$/);
  expect(where.get(`${image.configFolder}/java.env`)).toMatch(/:ro$/);
  for (const folder of [image.data, image.dataLog, image.logs]) expect(where.get(folder)).toMatch(/^\/data\/[^:]*$/);
});

test('with reconfig it is told a zoo.cfg in a folder that it may write to', () => {
  const { entrypoint, command, env, volumes, config_files } = containerWith(
    'zookeeper_reconfig: true\nzookeeper_super_password: secret',
  );
  expect(entrypoint).toBeNull();
  // The entrypoint gives up root only for a command whose first word is this one.
  const [program, action, config = ''] = command as readonly string[];
  expect([program, action]).toEqual(['zkServer.sh', 'start-foreground']);
  // zkServer.sh puts its own folder before the second word, but where that would not be in that folder takes it as it is.
  expect(posix.isAbsolute(config)).toBe(true);
  expect(posix.dirname(`${image.configFolder}/${config}`)).not.toBe(image.configFolder);
  const where = mounts(volumes);
  expect(where.get(posix.dirname(config))).toBe('/data/zookeeper/reconfig');
  // zkEnv.sh still reads java.env of the image's own folder, whose settings of the log stay as they are.
  expect(where.get(`${image.configFolder}/java.env`)).toMatch(/:ro$/);
  expect(where.has(`${image.configFolder}/zoo.cfg`)).toBe(false);
  expect(config_files).toEqual([]);
  expect(env).toMatchObject({
    SERVER_JVMFLAGS: '-Dzookeeper.DigestAuthenticationProvider.superDigest=super:digest',
  });
});
