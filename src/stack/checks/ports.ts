import type { Diagnostic } from '../../core/diagnostic.js';
import type { Span } from '../../core/span.js';
import type { PlanCheck } from '../../plan/check.js';
import { isAtLeast, versionOf } from '../version.js';
import { finding } from './report.js';
import { placements, type Component, type Placement } from './view.js';

/** A port that a component would listen on. */
interface Claim {
  readonly host: string;
  /** "8080/tcp". */
  readonly port: string;
  readonly owner: string;
  readonly span: Span | undefined;
}

interface Listener {
  readonly what: string;
  readonly variable: string;
  readonly protocol?: 'udp';
  /** When it listens at all. */
  readonly when?: (placement: Placement) => boolean;
}

/** What each component listens on, on the host's own network. */
const listeners: Readonly<Record<Component, readonly Listener[]>> = {
  docker: [],
  zookeeper: [
    { what: "ZooKeeper's clients", variable: 'zookeeper_client_port' },
    { what: "ZooKeeper's quorum", variable: 'zookeeper_quorum_port' },
    { what: "ZooKeeper's election", variable: 'zookeeper_election_port' },
    { what: "ZooKeeper's AdminServer", variable: 'zookeeper_admin_port', when: hasAdminServer },
  ],
  'mesos-master': [{ what: 'the Mesos master', variable: 'mesos_master_port' }],
  'mesos-slave': [{ what: 'the Mesos agent', variable: 'mesos_slave_port' }],
  marathon: [{ what: 'Marathon', variable: 'marathon_port' }],
  bamboo: [
    { what: 'Bamboo', variable: 'bamboo_port' },
    { what: 'HAProxy', variable: 'haproxy_port' },
    {
      what: "HAProxy's statistics",
      variable: 'haproxy_stats_port',
      when: (placement) => placement.flag('haproxy_stats_enabled') !== false,
    },
  ],
  rsyslog: [{ what: 'rsyslog', variable: 'rsyslog_port', protocol: 'udp' }],
};

/** Two things on one host that want one port: found before either is started. */
export const checkPorts: PlanCheck = (plan, context) => {
  const first = new Map<string, Claim>();
  const diagnostics: Diagnostic[] = [];
  for (const claim of placements(plan, context).flatMap(claimsOf)) {
    const key = `${claim.host} ${claim.port}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, claim);
    else if (other.owner !== claim.owner) diagnostics.push(conflict(other, claim));
  }
  return diagnostics;
};

function claimsOf(placement: Placement): readonly Claim[] {
  return listeners[placement.component].flatMap(({ what, variable, protocol = 'tcp', when }) => {
    const port = placement.number(variable);
    if (port === undefined || when?.(placement) === false) return [];
    return [{ host: placement.host, port: `${port}/${protocol}`, owner: what, span: placement.span(variable) }];
  });
}

/** From 3.5 on the AdminServer listens unless it is told not to. */
function hasAdminServer(placement: Placement): boolean {
  const version = versionOf(placement.text('zookeeper_version'));
  return placement.flag('zookeeper_admin_server') === true && (version === undefined || isAtLeast(version, '3.5.0'));
}

function conflict(one: Claim, other: Claim): Diagnostic {
  return finding({
    severity: 'error',
    code: 'port-claimed-twice',
    message: `${other.owner} and ${one.owner} would both listen on port ${other.port} of ${other.host}`,
    span: other.span ?? one.span,
    hint: 'give one of them another port, or another host',
    ...(other.span === undefined ? {} : { related: { span: one.span, message: `the port of ${one.owner}` } }),
  });
}
