import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { isMissing } from '../machine/missing.js';
import { hostAddress, hostName, maximumHosts, slotAddresses } from './addresses.js';
import { type Lab, labels, labName } from './lab.js';

export interface HostOrder {
  readonly index: number;
  readonly image: string;
  /** One line in the form of authorized_keys. */
  readonly publicKey: string;
}

export function hostContainer(lab: Lab, name: string): Docker.Container {
  return lab.docker.getContainer(labName(lab.slot, name));
}

/** Makes the host unless it is there and starts it unless it runs; one half made by an interrupted run is finished. */
export async function ensureHost(lab: Lab, order: HostOrder): Promise<void> {
  const name = hostName(order.index);
  let container = hostContainer(lab, name);
  let status: string | undefined;
  try {
    status = (await container.inspect()).State.Status;
  } catch (error) {
    if (!isMissing(error)) throw error;
    container = await lab.docker.createContainer(containerOptions(lab, order));
  }
  if (status === 'running') return;
  if (status === 'paused') return container.unpause();
  await container.putArchive(authorizedKeys(order.publicKey), { path: '/' });
  await container.start();
}

/** The engine knows more than dockerode's types do. */
interface HostConfig extends Docker.HostConfig {
  readonly CgroupnsMode: 'private' | 'host';
}

function containerOptions(lab: Lab, order: HostOrder): Docker.ContainerCreateOptions & { HostConfig: HostConfig } {
  const name = hostName(order.index);
  const { number } = lab.slot;
  const neighbours = Array.from(
    { length: maximumHosts },
    (_, at) => `${hostName(at + 1)}:${hostAddress(number, at + 1)}`,
  );
  return {
    name: labName(lab.slot, name),
    Hostname: name,
    Image: order.image,
    Labels: labels(lab.slot),
    Env: ['container=docker'],
    HostConfig: {
      // systemd as PID 1 and an engine inside want both a machine's rights and cgroups of their own.
      Privileged: true,
      CgroupnsMode: 'private',
      Tmpfs: { '/run': 'rw,mode=755', '/run/lock': 'rw', '/tmp': 'rw,exec,mode=1777' },
      // overlay2 does not stand on overlay: the inner engine's files lie on volumes, and survive a stop of the host.
      Mounts: ['docker', 'containerd'].map((part) => ({
        Type: 'volume',
        Source: labName(lab.slot, `${name}-${part}`),
        Target: `/var/lib/${part}`,
        VolumeOptions: { NoCopy: true, Labels: labels(lab.slot), DriverConfig: { Name: 'local', Options: {} } },
      })),
      ExtraHosts: [...neighbours, `registry:${slotAddresses(number).registry}`],
      NetworkMode: labName(lab.slot),
    },
    NetworkingConfig: {
      EndpointsConfig: { [labName(lab.slot)]: { IPAMConfig: { IPv4Address: hostAddress(number, order.index) } } },
    },
  };
}

function authorizedKeys(publicKey: string): Readable {
  const archive = pack();
  const homes = [
    { home: 'root', id: 0 },
    { home: 'home/ops', id: 1000 },
    { home: 'home/opspw', id: 1001 },
  ];
  for (const { home, id } of homes) {
    archive.entry({ name: `${home}/.ssh/authorized_keys`, mode: 0o600, uid: id, gid: id }, `${publicKey}\n`);
  }
  archive.finalize();
  // tar-stream's pack is a stream of its own kind.
  return Readable.from(archive);
}
