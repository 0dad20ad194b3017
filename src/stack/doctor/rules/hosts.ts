import { assertNever } from '../../../core/assert.js';
import type { Examination, Finding, HostExam } from '../types.js';

/** Hosts that could not be asked, and engines that do not answer. */
export function hostsRule({ cluster }: Examination): readonly Finding[] {
  return cluster.hosts.flatMap((status): readonly Finding[] => {
    const { host } = status;
    switch (status.kind) {
      case 'asked':
        return [];
      case 'unreachable':
        return [
          {
            rule: 'host-unreachable',
            severity: 'bad',
            host,
            seen: `is not reached: ${status.reason}`,
            why: 'Whatever runs there counts as down, and nothing else can be said of it.',
            advice: status.hint ?? 'Look whether the host is up, and whether its sshd answers.',
            commands: [`runner exec ${host} -- uptime`],
          },
        ];
      case 'failed':
        return [
          {
            rule: 'host-not-asked',
            severity: 'bad',
            host,
            seen: `was reached, but could not be asked: ${status.reason}`,
            why: 'Docker and the configuration can be read as root only.',
            advice: 'Check `become` and its password, and whether the host is overloaded.',
            commands: [`runner exec ${host} -b -- id`],
          },
        ];
      default:
        return assertNever(status);
    }
  });
}

/** The engine: absent, silent, or not there after the next boot. */
export function engineRule({ cluster, hosts }: Examination): readonly Finding[] {
  return cluster.hosts.flatMap((status): readonly Finding[] => {
    if (status.kind !== 'asked') return [];
    const { host } = status;
    const row = status.rows.find(({ component }) => component === 'docker');
    const machine = hosts.find((exam) => exam.host === host)?.machine;
    if (row?.health.state === 'ill') {
      const isAbsent = /there is no Docker engine/.test(row.health.text);
      return [
        {
          rule: 'docker-down',
          severity: 'bad',
          host,
          component: 'docker',
          seen: `has no Docker to ask: ${row.health.text}`,
          why: 'Every program of the cluster on this host runs in a container.',
          advice: isAbsent ? 'Install it.' : 'Start it; when it does not start, its journal says why.',
          commands: isAbsent
            ? [`runner apply playbooks/docker.yaml -l ${host}`]
            : [`runner start docker -l ${host}`, `runner exec ${host} -b -- journalctl -u docker -n 30 --no-pager`],
        },
      ];
    }
    if (machine?.dockerEnabled !== false) return [];
    return [
      {
        rule: 'docker-not-enabled',
        severity: 'warning',
        host,
        component: 'docker',
        seen: 'does not start Docker at boot',
        why: 'After a reboot nothing of the cluster runs on it until somebody notices.',
        advice: 'Enable it.',
        commands: [`runner exec ${host} -b -- systemctl enable docker`],
      },
    ];
  });
}

const fullPercent = 95;
const nearlyFullPercent = 90;

/** Disks without room or without inodes. */
export function disksRule({ hosts }: Examination): readonly Finding[] {
  return hosts.flatMap(({ host, machine }) =>
    (machine?.fileSystems ?? []).flatMap(
      ({ mount, usedPercent = 0, inodesUsedPercent = 0, freeKilobytes }): Finding[] => {
        const worst = Math.max(usedPercent, inodesUsedPercent);
        if (worst < nearlyFullPercent) return [];
        const megabytes = Math.floor(freeKilobytes / 1024);
        const what =
          usedPercent >= inodesUsedPercent
            ? `${usedPercent} % full, ${megabytes} MB are free`
            : `out of inodes: ${inodesUsedPercent} % are used`;
        return [
          {
            rule: usedPercent >= inodesUsedPercent ? 'disk-full' : 'inodes-used-up',
            severity: worst >= fullPercent ? 'bad' : 'warning',
            host,
            seen: `${mount} is ${what}`,
            why: 'ZooKeeper stops when it cannot write its log, and Docker cannot pull an image or start a container.',
            advice: 'Make room: old images, logs, snapshots of ZooKeeper beyond those it keeps itself.',
            commands: [`runner exec ${host} -b -- docker system df`, `runner exec ${host} -b -- du -xh -d 2 ${mount}`],
          },
        ];
      },
    ),
  );
}

/** Seconds between a host's clock and that of most others from which on it is wrong; a question takes a part of one. */
const mostSkewSeconds = 5;

/** Clocks that differ, or that nothing keeps right. */
export function clocksRule({ hosts }: Examination): readonly Finding[] {
  // A busy host answers late: its clock is held against the middle of the question, and so long as that took may be its error.
  const clocks = hosts.flatMap(({ host, machine, asked = { began: 0, ended: 0 } }) =>
    machine === undefined
      ? []
      : [
          {
            host,
            seconds: machine.clockSeconds - (asked.began + asked.ended) / 2,
            error: (asked.ended - asked.began) / 2,
          },
        ],
  );
  const middle = clocks.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[Math.floor(clocks.length / 2)];
  const why = 'Certificates, leases and the order of lines in logs depend on clocks that agree.';
  const skewed = clocks.flatMap(({ host, seconds, error }): Finding[] => {
    const skew = Math.round(seconds - (middle ?? seconds));
    if (Math.abs(skew) < mostSkewSeconds + error) return [];
    return [
      {
        rule: 'clock-skew',
        severity: Math.abs(skew) >= 30 ? 'bad' : 'warning',
        host,
        seen: `its clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the other hosts`,
        why,
        advice: 'Set the clock and let NTP keep it.',
        commands: [`runner exec ${host} -b -- timedatectl set-ntp true`],
      },
    ];
  });
  return [...skewed, ...hosts.flatMap((exam) => unsynced(exam, why))];
}

function unsynced({ host, machine }: HostExam, why: string): readonly Finding[] {
  if (machine?.clockSynced !== false) return [];
  return [
    {
      rule: 'clock-not-synced',
      severity: 'warning',
      host,
      seen: 'nothing keeps its clock right: systemd says it is not synchronised',
      why,
      advice: 'Install and start an NTP service (systemd-timesyncd or chrony).',
      commands: [`runner exec ${host} -b -- timedatectl timesync-status`],
    },
  ];
}
