import { defineModule, params } from '../support/define.js';
import { choice, flag, text, textMap, word } from '../support/fields.js';
import type { Comparison } from '../types.js';
import { dockerOn } from './client.js';
import { engineFailure, unlessMissing } from './errors.js';
import { engineLook, inspect, parseEngineLook, withoutEngine, type EngineProblem } from './look.js';

interface NetworkState {
  readonly Id?: string;
  readonly Driver?: string;
  readonly Internal?: boolean;
  readonly IPAM?: {
    readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null;
  } | null;
  readonly Options?: Readonly<Record<string, string>> | null;
}

interface Found {
  readonly problem: EngineProblem | undefined;
  readonly network: NetworkState | undefined;
}

const networkParams = params({
  name: word('The name of the network.'),
  state: choice(['present', 'absent'], 'Whether it shall be there.').default('present'),
  driver: word('Its driver.').default('bridge'),
  subnet: text('Its subnet, as 172.30.0.0/24.').optional(),
  gateway: text('Its gateway.').optional(),
  internal: flag('No way out of it.').default(false),
  options: textMap('Options of the driver.').default({}),
});

/** Networks of a host's engine. A network in use cannot be changed: one that differs is a failure, never taken away. */
export const dockerNetwork = defineModule({
  name: 'docker_network',
  summary: 'Makes or removes a network of the Docker engine.',
  params: networkParams,
  look: ({ params }) => ({
    kind: 'script',
    script: engineLook([inspect('network', { type: 'network', name: params.name })]),
    parse(reply): Found {
      const look = parseEngineLook(reply, ['network']);
      return { problem: look.problem, network: look.object('network') as NetworkState | undefined };
    },
  }),
  compare(found, { params, preview, promised }): Comparison {
    const created: Comparison = {
      kind: 'change',
      changes: [{ part: 'network', after: params.name }],
      provides: [`network:${params.name}`],
    };
    if (found.problem !== undefined) {
      const change: Comparison = params.state === 'absent' ? { kind: 'same' } : created;
      return withoutEngine(found.problem, { preview, promised, change });
    }
    const { network } = found;
    const values = { network: network === undefined ? null : { name: params.name, id: network.Id ?? null } };
    if (network === undefined) return params.state === 'absent' ? { kind: 'same', values } : created;
    if (params.state === 'absent') return { kind: 'change', changes: [{ part: 'network', before: params.name }] };
    const [pool] = network.IPAM?.Config ?? [];
    const differing = [
      network.Driver === params.driver ? [] : ['driver'],
      params.subnet === undefined || params.subnet === pool?.Subnet ? [] : ['subnet'],
      params.gateway === undefined || params.gateway === pool?.Gateway ? [] : ['gateway'],
      (network.Internal ?? false) === params.internal ? [] : ['internal'],
      Object.entries(params.options).every(([name, value]) => network.Options?.[name] === value) ? [] : ['options'],
    ].flat();
    if (differing.length === 0) return { kind: 'same', values };
    const message = `the network ${params.name} is there with another ${differing.join(', ')}; remove it first (state: absent), since containers may be on it`;
    return { kind: 'failed', message, values };
  },
  async change(host, { params, found }) {
    const docker = dockerOn(host);
    try {
      if (params.state === 'absent') {
        await unlessMissing(docker.getNetwork(found.network?.Id ?? params.name).remove());
        return { values: { network: null } };
      }
      const pool = {
        ...(params.subnet === undefined ? {} : { Subnet: params.subnet }),
        ...(params.gateway === undefined ? {} : { Gateway: params.gateway }),
      };
      const network = await docker.createNetwork({
        Name: params.name,
        Driver: params.driver,
        Internal: params.internal,
        Options: { ...params.options },
        ...(Object.keys(pool).length === 0 ? {} : { IPAM: { Driver: 'default', Config: [pool] } }),
      });
      return { values: { network: { name: params.name, id: network.id } } };
    } catch (error) {
      throw engineFailure(error, `network ${params.name}`);
    }
  },
});
