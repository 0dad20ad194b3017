// `npm run bench`: every workload, ours and each peer in turn in one run, a table of ratios (docs/performance.md has the last one).
// `npm run bench -- --rounds 5 --hosts 20 --write` writes docs/bench.json, docs/bench.svg; names of workloads choose some,
// `--only runner,floor` peers by a part of their names.
// `--skip-warm-up` saves a round; every peer finds the files of "templates again" in place, since all write the same ones.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure, median } from '../bench/measure.mjs';
import { peersFor } from '../bench/peers.mjs';
import { picture, table } from '../bench/report.mjs';
import { startRig } from '../bench/rig.mjs';
import { writeWorkloads } from '../bench/workloads.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    hosts: { type: 'string', default: '20' },
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'skip-warm-up': { type: 'boolean', default: false },
  },
});

ensureDebianPackages(['ansible-core', 'ansible-mitogen', 'openssh-client', 'openssh-server', 'time']);
const rig = await startRig(Number(values.hosts));
const results = [];
try {
  const directory = join(rig.directory, 'work');
  const workloads = writeWorkloads(rig, directory).filter(
    (workload) => positionals.length === 0 || positionals.includes(workload.name),
  );
  const peers = peersFor(rig, directory, root).filter((peer) =>
    values.only.split(',').some((name) => peer.name.includes(name)),
  );
  for (const workload of workloads) {
    const taking = peers.filter((peer) => !peer.floor || workload.floors);
    const runs = new Map(taking.map((peer) => [peer.name, []]));
    const clean = () => {
      if (workload.clean) rmSync(workload.remote, { recursive: true, force: true });
    };
    for (let round = values['skip-warm-up'] ? 1 : 0; round <= Number(values.rounds); round++) {
      for (const peer of taking) {
        clean();
        const figures = await measure(peer.run(workload));
        process.stderr.write(
          `${workload.name} · ${peer.name} · ${round === 0 ? 'warm-up' : `round ${round}`}: ${figures.seconds.toFixed(2)} s\n`,
        );
        // The warm-up is not counted: it pays for caches of the disk and, for Mitogen, nothing else.
        if (round > 0) runs.get(peer.name).push(figures);
      }
    }
    const middle = (list, key) => median(list.map((figures) => figures[key]));
    const rows = [...runs].map(([peer, list]) => ({
      peer,
      seconds: middle(list, 'seconds'),
      cpuSeconds: middle(list, 'cpuSeconds'),
      megabytes: middle(list, 'megabytes'),
      runs: list.map((figures) => figures.seconds),
    }));
    results.push({ workload: workload.name, rows });
  }
} finally {
  rig.stop();
}
process.stdout.write(`${table(results)}\n`);
if (values.write) {
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(
    join(root, 'docs/bench.json'),
    `${JSON.stringify({ node: process.version, hosts: Number(values.hosts), rounds: Number(values.rounds), results }, undefined, 2)}\n`,
  );
  writeFileSync(join(root, 'docs/bench.svg'), picture(results));
}
