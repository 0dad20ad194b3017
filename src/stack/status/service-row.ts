import type { Answer, Endpoint } from '../probe/ask.js';
import { versionOf } from '../version.js';
import type { ContainerState, Engine } from './containers.js';
import type { Health, Member } from './types.js';
import { counted } from './words.js';

/** Everything one host told in its one answer. */
export interface Heard {
  readonly answers: ReadonlyMap<string, Answer>;
  readonly engine: Engine;
  /** What `tell KEY` told beside the answers; a component's own script puts its container's name first. */
  records(key: string): readonly (readonly string[])[];
  /** The host whose member answers at an endpoint; the endpoint itself where the inventory knows none. */
  hostAt(endpoint: Endpoint): string;
}

export const well = (text: string): Health => ({ state: 'well', text });
export const ill = (text: string): Health => ({ state: 'ill', text });

/** The parts that the rows of all services share. `version` is what the program itself says, `silence` why it says nothing. */
export function serviceParts(
  member: Member,
  options: {
    readonly heard: Heard;
    readonly version?: string | undefined;
    readonly uptimeSeconds?: number | undefined;
    readonly health: Health;
  },
): ServiceParts {
  const { heard, health } = options;
  const container = containerOf(member, heard.engine);
  const running = options.version ?? versionOf(tagOf(container?.image));
  const uptimeSeconds = options.uptimeSeconds ?? container?.uptimeSeconds;
  return {
    host: member.host,
    endpoint: member.endpoint,
    ...(container === undefined ? {} : { container }),
    image: {
      ...(member.wantedImage === undefined ? {} : { wanted: member.wantedImage }),
      ...(container === undefined ? {} : { running: container.image }),
    },
    version: {
      ...(member.wantedVersion === undefined ? {} : { wanted: member.wantedVersion }),
      ...(running === undefined ? {} : { running }),
    },
    health: health.state === 'well' ? withHealthCheck(health, container) : health,
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds: Math.floor(uptimeSeconds) }),
  };
}

interface ServiceParts {
  readonly host: string;
  readonly endpoint: string;
  readonly container?: ContainerState;
  readonly image: { readonly wanted?: string; readonly running?: string };
  readonly version: { readonly wanted?: string; readonly running?: string };
  readonly health: Health;
  readonly uptimeSeconds?: number;
}

/** A program that does not answer: its container says more about why than the network does. */
export function silent(member: Member, options: { readonly heard: Heard; readonly reason: string }): Health {
  const { heard, reason } = options;
  const { engine } = heard.engine;
  const container = containerOf(member, heard.engine);
  if (container?.state === 'restarting') {
    return ill(`its container restarts again and again (exit code ${container.exitCode}, ${container.restarts} times)`);
  }
  if (container?.state === 'exited') return ill(`its container ended with exit code ${container.exitCode}`);
  if (container !== undefined && container.state !== 'running') return ill(`its container is ${container.state}`);
  if (container !== undefined) {
    const restarts = container.restarts === 0 ? '' : ` after ${counted(container.restarts, 'restart')}`;
    return ill(`its container runs${restarts}, but ${reason} (${member.endpoint})`);
  }
  if (engine.kind === 'absent') return ill('there is no Docker engine on this host');
  if (engine.kind === 'silent') return ill(`${reason} (${member.endpoint}), and Docker does not answer either`);
  return ill(`there is no container \`${member.container}\``);
}

/** By its name; else the one that runs under the component's label. */
export function containerOf(member: Member, engine: Engine): ContainerState | undefined {
  const { containers } = engine;
  return (
    containers.find(({ name }) => name === member.container) ??
    containers.find(({ component, state }) => component === member.component && state === 'running')
  );
}

function withHealthCheck(health: Health, container: ContainerState | undefined): Health {
  return container?.health === 'unhealthy' ? ill(`it answers, but Docker's health check fails`) : health;
}

/** The tag of an image's name: "registry:5000/lab/marathon:1.5.15" → "1.5.15". */
function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)(?:@.*)?$/.exec(image ?? '')?.[1];
}
