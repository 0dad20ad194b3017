// `npm run bench`: every workload, ours and each peer in turn in one run, a table of ratios (docs/performance.md has the last one).
// `npm run bench -- --rounds 5 --write` writes docs/bench.json and docs/bench.svg. Words choose workloads by a part of
// their names, `--only runner,floor` peers. `--quick`: one round, without the peers that take minutes for what tells
// little. `--cluster INVENTORY` adds a cluster that is in place and is applied again. What is written is written after
// each workload, beside what an earlier bench wrote of the others; Ctrl-C ends what runs and shows what there is.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure, median } from '../bench/measure.mjs';
import { peersFor } from '../bench/peers.mjs';
import { picture, table } from '../bench/report.mjs';
import { startRig } from '../bench/rig.mjs';
import { verdicts } from '../bench/targets.mjs';
import { writeWorkloads } from '../bench/workloads.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    hosts: { type: 'string', default: '20' },
    'fan-out': { type: 'string', default: '500' },
    megabytes: { type: 'string', default: '1024' },
    only: { type: 'string', default: '' },
    cluster: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'skip-warm-up': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 1 : Number(values.rounds);
const warmUp = !values.quick && !values['skip-warm-up'];
// Node 20 reads all certificates of this file at each start (0.12 s for a system's bundle): the machine's cost, nobody's here.
delete process.env.NODE_EXTRA_CA_CERTS;
const say = (text) => process.stderr.write(`${text}\n`);

ensureDebianPackages(['ansible-core', 'ansible-mitogen', 'openssh-client', 'openssh-server', 'iptables', 'time']);
const interruption = new AbortController();
const signals = { SIGINT: 130, SIGTERM: 143 };
for (const [name, code] of Object.entries(signals)) process.on(name, () => interruption.abort(code));
const results = [];
let failures = 0;
const rigs = [];
try {
  const rig = await startRig(Number(values.hosts), { dead: Math.ceil(Number(values.hosts) / 10) });
  rigs.push(rig);
  // An sshd as it is delivered: what counts there is also that nobody is lost.
  const fanOut = await startRig(Number(values['fan-out']), {
    maxStartups: '10:30:100',
    maxSessions: 10,
    dead: Math.ceil(Number(values['fan-out']) / 20),
  });
  rigs.push(fanOut);
  await measureAll(rig, fanOut);
} finally {
  for (const each of rigs) each.stop();
}
process.stdout.write(`${table(results)}\n`);
process.exitCode = interruption.signal.aborted ? interruption.signal.reason : failures === 0 ? 0 : 1;

async function measureAll(rig, fanOut) {
  const directory = join(rig.directory, 'work');
  const peers = peersFor(rig, directory, root).filter((peer) =>
    chosen(peer.name, values.only === '' ? [] : values.only.split(',')),
  );
  const list = workloads({ rig, fanOut, directory }).filter(({ name }) => chosen(name, positionals));
  for (const workload of list) {
    if (interruption.signal.aborted) return;
    const before = loadavg()[0];
    const rows = await measureWorkload(workload, { peers, rig });
    if (rows.length > 0)
      results.push({ workload: workload.name, load: [before, loadavg()[0]].map(rounded), rounds, rows });
    // What was cut short is shown, but does not take the place of a whole measurement.
    if (values.write && !interruption.signal.aborted) write();
  }
}

/** The figures of this bench, and of an earlier one those of the workloads that this one has not measured. */
function write() {
  const path = join(root, 'docs/bench.json');
  const earlier = JSON.parse(readFileSync(path, 'utf8')).results.filter(
    ({ workload, rounds: of }) => of !== undefined && !results.some((result) => result.workload === workload),
  );
  const all = [...results, ...earlier];
  const data = { node: process.version, cpus: cpus().length, hosts: Number(values.hosts), results: all };
  writeFileSync(path, `${JSON.stringify({ ...data, targets: verdicts(all) }, undefined, 2)}\n`);
  writeFileSync(join(root, 'docs/bench.svg'), picture(all));
}

function rounded(load) {
  return Number(load.toFixed(1));
}

function chosen(name, words) {
  return words.length === 0 || words.some((word) => name.includes(word));
}

function workloads({ rig, fanOut, directory }) {
  const list = writeWorkloads(rig, directory, { megabytes: Number(values.megabytes), fanOut });
  if (values.cluster === undefined) return list;
  const path = join(root, 'playbooks/cluster.yaml');
  return [
    ...list,
    { name: 'cluster again', runnerOnly: true, again: true, inventory: values.cluster, path, ensure() {} },
  ];
}

async function measureWorkload(workload, { peers, rig }) {
  const { signal } = interruption;
  const taking = peers.filter((peer) => peer.takes(workload) && !(values.quick && workload.slow && peer.peer));
  const runs = new Map(taking.map((peer) => [peer.name, []]));
  try {
    await workload.ensure(signal);
    const runner = peersFor(rig, join(rig.directory, 'work'), root)[0];
    // Not counted: what is to be in place is put there, by us for everybody (all write the same files).
    if (workload.again && workload.start === undefined) await measure(runner.run(workload), signal);
  } catch (error) {
    if (signal.aborted) return [];
    failures += 1;
    say(`${workload.name}: ${error.message}`);
    return [];
  }
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const peer of taking) {
      if (signal.aborted) break;
      if (workload.clean !== undefined) rmSync(workload.clean, { recursive: true, force: true });
      try {
        const figures = await measure(peer.run(workload), signal);
        const which = round === 0 ? 'warm-up' : `round ${round}`;
        say(
          `${workload.name} · ${peer.name} · ${which}: ${figures.seconds.toFixed(2)} s, CPU ${figures.cpuSeconds.toFixed(2)} s`,
        );
        // The warm-up pays for caches of the disk and is not counted.
        if (round > 0) runs.get(peer.name).push(figures);
      } catch (error) {
        if (signal.aborted) break;
        // One peer that fails must not take the others' figures with it.
        failures += 1;
        say(`${workload.name} · ${peer.name}: ${error.message}`);
      }
    }
  }
  return [...runs].filter(([, list]) => list.length > 0).map(([peer, list]) => rowOf(peer, list));
}

function rowOf(peer, list) {
  const middle = (key) => median(list.map((figures) => figures[key]));
  return {
    peer,
    seconds: middle('seconds'),
    cpuSeconds: middle('cpuSeconds'),
    megabytes: middle('megabytes'),
    runs: list.map((figures) => figures.seconds),
  };
}
