// What is aimed at, as ratios of two rows of one run: only these travel between machines.
const runner = 'runner';

/** `atLeast`: the peer takes at least so many times our time; `atMost`: we take at most so many times a floor's. */
const targets = [
  { workload: 'commands', peer: 'ansible-core, pipelining', atLeast: 40 },
  { workload: 'commands', peer: 'ansible-core, Mitogen', atLeast: 15 },
  { workload: 'commands', peer: 'floor: ssh2, one long-lived sh', atMost: 1.5 },
  { workload: 'templates again', peer: 'ansible-core, pipelining', atLeast: 40 },
  { workload: 'templates again', peer: 'ansible-core, Mitogen', atLeast: 15 },
  { workload: 'fan-out', megabytes: 300 },
  { workload: 'big file, ', peer: 'floor: scp', atMost: 1 },
  { workload: 'big file again', seconds: 4 },
  { workload: 'start, --version', seconds: 0.25 },
  { workload: 'start, validate', seconds: 0.25 },
  { workload: 'cluster again', seconds: 3 },
];

/** Each target with what was measured, for those that this run can tell. */
export function verdicts(results) {
  return targets.flatMap((target) => {
    const result = results.find(({ workload }) => workload.startsWith(target.workload));
    const ours = result?.rows.find((row) => row.peer === runner);
    const theirs = result?.rows.find((row) => row.peer === target.peer);
    if (ours === undefined || (target.peer !== undefined && theirs === undefined)) return [];
    const what = `${result.workload}${target.peer === undefined ? '' : ` against ${target.peer}`}`;
    if (target.atLeast !== undefined) return [ratio(what, theirs.seconds / ours.seconds, target.atLeast, 'at least')];
    if (target.atMost !== undefined) return [ratio(what, ours.seconds / theirs.seconds, target.atMost, 'at most')];
    if (target.megabytes !== undefined) return [limit(what, ours.megabytes, target.megabytes, 'MB')];
    return [limit(what, ours.seconds, target.seconds, 's')];
  });
}

function ratio(what, measured, wanted, word) {
  const met = word === 'at least' ? measured >= wanted : measured <= wanted;
  return { what, wanted: `${word} ${wanted} times`, measured: `${measured.toFixed(2)} times`, met };
}

function limit(what, measured, wanted, unit) {
  return { what, wanted: `${wanted} ${unit}`, measured: `${measured.toFixed(2)} ${unit}`, met: measured <= wanted };
}
