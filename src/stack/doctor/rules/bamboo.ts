import { noCallbacksFrom } from '../../compatibility.js';
import { isAtLeast } from '../../version.js';
import type { BambooRow } from '../../status/types.js';
import { counted, listed } from '../../status/words.js';
import type { Examination, Finding } from '../types.js';
import { examOf, rowsFor } from './finding.js';

const component = 'bamboo';

/** Bamboos that hear nothing from Marathon, and HAProxies that refuse what they wrote. */
export function bambooRule(examination: Examination): readonly Finding[] {
  return rowsFor(examination, component).flatMap((row) => [
    ...subscriptionOf(row, examination),
    ...haproxyOf(row),
    ...routesOf(row, examination),
  ]);
}

function subscriptionOf({ host, details }: BambooRow, examination: Examination): readonly Finding[] {
  const marathon = rowsFor(examination, 'marathon').find(({ role }) => role === 'leader')?.version.running;
  const config = examOf(examination, host)?.machine?.bambooConfig;
  const usesStream = config === undefined ? undefined : eventStreamIn(config);
  const base = { host, component, severity: 'bad' } as const;
  const findings: Finding[] = [];
  if (usesStream === false && marathon !== undefined && isAtLeast(marathon, noCallbacksFrom)) {
    findings.push({
      ...base,
      rule: 'bamboo-no-events',
      seen: `Bamboo waits for callbacks of Marathon, which ${marathon} does not know any more`,
      why: 'It does not hear of new or moved tasks: HAProxy goes on sending requests to where they were.',
      advice: 'Set `bamboo_use_event_stream: true` (the role does by itself from Marathon 1.5 on) and apply.',
      commands: [`runner apply playbooks/bamboo.yaml -l ${host}`],
    });
  }
  if (details !== undefined && details.apps === undefined) {
    findings.push({
      ...base,
      rule: 'bamboo-no-apps',
      seen: 'Bamboo answers, but its list of apps is null',
      why: 'It has not heard from Marathon since it started, and does not ask again by itself: HAProxy routes nothing new.',
      advice: 'See that Marathon has a leader and its address in production.json is right, then restart it.',
      commands: ['runner status -l marathon', `runner restart bamboo -l ${host}`],
    });
  }
  return findings;
}

function haproxyOf({ host, details }: BambooRow): readonly Finding[] {
  if (details === undefined) return [];
  const { invalid, status } = details.haproxy;
  const base = { host, component, severity: 'bad' } as const;
  if (invalid !== undefined) {
    return [
      {
        ...base,
        rule: 'haproxy-invalid',
        seen: `HAProxy's configuration is not valid: ${invalid.slice(0, 300)}`,
        why: 'The HAProxy that runs keeps its old configuration; after a restart there is none.',
        advice:
          'When it was changed by hand, a restart has Bamboo write it anew; else mend the template or the rule in Bamboo that made it.',
        commands: [
          `runner restart bamboo -l ${host}`,
          `runner plan playbooks/bamboo.yaml -l ${host}`,
          `runner logs bamboo -l ${host} --tail 50`,
        ],
      },
    ];
  }
  if (status !== undefined) return [];
  return [
    {
      ...base,
      rule: 'haproxy-silent',
      seen: 'HAProxy does not answer',
      why: 'No request from outside reaches an app through this host.',
      advice: 'Restart its container; take the host out of the balancing until it answers.',
      commands: [`runner logs bamboo -l ${host} --tail 50`, `runner restart bamboo -l ${host}`],
    },
  ];
}

/** An app with running tasks needs servers in every HAProxy. */
function routesOf({ host, details }: BambooRow, { cluster }: Examination): readonly Finding[] {
  if (details?.apps === undefined) return [];
  const lost = (cluster.apps ?? []).filter(
    ({ id, running, servers }) => running > 0 && (details.apps?.includes(id) ?? false) && servers[host] === 0,
  );
  const [first] = lost;
  if (first === undefined) return [];
  const seen =
    lost.length === 1
      ? `HAProxy has no server for ${first.id}, of which ${counted(first.running, 'instance')} run${first.running === 1 ? 's' : ''}`
      : `HAProxy has no server for ${lost.length} apps that run: ${listed(lost.map(({ id }) => id))}`;
  return [
    {
      rule: 'app-without-servers',
      severity: 'bad',
      host,
      component,
      seen,
      why: 'Requests for it fail here, and may succeed through other hosts: the kind of fault that is hard to see.',
      advice: 'Bamboo renders anew with the next event; a restart makes it do so now.',
      commands: [`runner restart bamboo -l ${host}`],
    },
  ];
}

function eventStreamIn(text: string): boolean | undefined {
  try {
    const data = JSON.parse(text) as { readonly Marathon?: { readonly UseEventStream?: unknown } } | null;
    return data?.Marathon?.UseEventStream === true;
  } catch {
    return undefined;
  }
}
