import type { ServiceName } from '../../status/types.js';
import { rowsOf } from '../../status/cluster-status.js';
import type { Examination, Finding } from '../types.js';
import { examOf } from './finding.js';

/** A program that is silent while something listens on its port has lost it to another one. */
export function portsRule(examination: Examination): readonly Finding[] {
  return examination.cluster.hosts.flatMap((status) =>
    rowsOf(status).flatMap((row): readonly Finding[] => {
      const { host, component, container, endpoint, details } = row;
      // A container that runs may just be starting: its port is its own.
      if (component === 'docker' || details !== undefined || container?.state === 'running' || endpoint === undefined)
        return [];
      const port = endpoint.slice(endpoint.lastIndexOf(':') + 1);
      const holder = examOf(examination, host)?.machine?.listening.get(Number(port));
      return holder === undefined ? [] : [claimed({ host, component, port, holder })];
    }),
  );
}

function claimed(about: {
  readonly host: string;
  readonly component: ServiceName;
  readonly port: string;
  readonly holder: string;
}): Finding {
  const { host, component, port, holder } = about;
  const rivals =
    port === '8080' ? ' On 8080 those are Marathon, an HAProxy, and the AdminServer of ZooKeeper 3.5 and later.' : '';
  return {
    rule: 'port-taken',
    severity: 'bad',
    host,
    component,
    seen: `port ${port} of ${component} is taken by ${holder === '' ? 'another program' : holder}`,
    why: `${component} cannot start as long as something else listens there.${rivals}`,
    advice: 'Stop the other program, or give one of them another port.',
    commands: [`runner exec ${host} -b --shell -- 'ss -ltnp | grep :${port}'`],
  };
}
