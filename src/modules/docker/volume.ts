import { defineModule, params } from '../support/define.js';
import { choice, textMap, word } from '../support/fields.js';
import type { Comparison } from '../types.js';
import { dockerOn } from './client.js';
import { engineFailure, unlessMissing } from './errors.js';
import { engineLook, inspect, parseEngineLook, withoutEngine, type EngineProblem } from './look.js';

interface VolumeState {
  readonly Name?: string;
  readonly Driver?: string;
  readonly Mountpoint?: string;
  readonly Options?: Readonly<Record<string, string>> | null;
}

interface Found {
  readonly problem: EngineProblem | undefined;
  readonly volume: VolumeState | undefined;
}

/** Volumes of a host's engine. One that differs is a failure, never taken away: it holds data. */
export const dockerVolume = defineModule({
  name: 'docker_volume',
  summary: 'Makes or removes a volume of the Docker engine.',
  params: params({
    name: word('The name of the volume.'),
    state: choice(['present', 'absent'], 'Whether it shall be there; `absent` removes its data.').default('present'),
    driver: word('Its driver.').default('local'),
    options: textMap('Options of the driver.').default({}),
    labels: textMap('Labels, given when it is made.').default({}),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: engineLook([inspect('volume', { type: 'volume', name: params.name })]),
    parse(reply): Found {
      const look = parseEngineLook(reply, ['volume']);
      return { problem: look.problem, volume: look.object('volume') as VolumeState | undefined };
    },
  }),
  compare(found, { params, preview, promised }): Comparison {
    const created: Comparison = {
      kind: 'change',
      changes: [{ part: 'volume', after: params.name }],
      provides: [`volume:${params.name}`],
    };
    if (found.problem !== undefined) {
      const change: Comparison = params.state === 'absent' ? { kind: 'same' } : created;
      return withoutEngine(found.problem, { preview, promised, change });
    }
    const { volume } = found;
    const values = {
      volume: volume === undefined ? null : { name: params.name, mountpoint: volume.Mountpoint ?? null },
    };
    if (volume === undefined) return params.state === 'absent' ? { kind: 'same', values } : created;
    if (params.state === 'absent') return { kind: 'change', changes: [{ part: 'volume', before: params.name }] };
    const sameOptions = Object.entries(params.options).every(([name, value]) => volume.Options?.[name] === value);
    if (volume.Driver === params.driver && sameOptions) return { kind: 'same', values };
    return {
      kind: 'failed',
      message: `the volume ${params.name} is there with another driver or other options; it holds data, so remove it yourself first`,
      values,
    };
  },
  async change(host, { params }) {
    const docker = dockerOn(host);
    try {
      if (params.state === 'absent') {
        await unlessMissing(docker.getVolume(params.name).remove());
        return { values: { volume: null } };
      }
      await docker.createVolume({
        Name: params.name,
        Driver: params.driver,
        DriverOpts: { ...params.options },
        Labels: { ...params.labels },
      });
      const volume = await docker.getVolume(params.name).inspect();
      return { values: { volume: { name: params.name, mountpoint: volume.Mountpoint } } };
    } catch (error) {
      throw engineFailure(error, `volume ${params.name}`);
    }
  },
});
