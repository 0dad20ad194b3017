// `npm run demo`: the lab comes up, playbooks/cluster.yaml is applied to it with the progress a user sees, and the
// cluster's status ends it. Arguments go to the lab (`npm run demo -- --hosts 6`).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inventory = 'lab/.state/inventory.yaml';

function run(command, args) {
  process.stdout.write(`\n$ ${[command, ...args].join(' ')}\n`);
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (signal !== null) process.exit(130);
  if (status !== 0) {
    process.stdout.write(
      `\nThe demo stopped: the command above ended with exit code ${status}.\nThe lab is still there: \`npm run lab -- status\`, and \`npm run lab -- down\` removes it.\n`,
    );
    process.exit(status ?? 1);
  }
}

const started = Date.now();
run('sh', ['lab/run.sh', 'up', ...process.argv.slice(2)]);
run('node', ['bin/runner.js', 'apply', '-i', inventory, 'playbooks/cluster.yaml']);
run('node', ['bin/runner.js', 'status', '-i', inventory]);
process.stdout.write(`
The cluster is up after ${Math.round((Date.now() - started) / 1000)} s. What to try next:

  node bin/runner.js apply -i ${inventory} playbooks/cluster.yaml    nothing changes the second time
  node bin/runner.js plan -i ${inventory} playbooks/cluster.yaml     after you edited /data/zookeeper/conf/zoo.cfg on a host
  node bin/runner.js apply -i ${inventory} playbooks/hello.yaml      an app, served by both Bamboos
  npm run lab -- ssh node1                                     look around on a host
  npm run lab -- down                                          remove the lab again
`);
