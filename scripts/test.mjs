// `npm test`: lint, types, format, unit and CLI tests, faults and attacks, lab tests. Ends with "N passed, N failed"; exit 1 when anything failed.
// `npm test -- unit cli` runs only the named stages.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureDebianPackages } from './debian-packages.mjs';

/** Programs that unit tests run as they are. */
const realParts =
  'openssh-server openssh-client sudo busybox-static fish tcsh curl wget git unzip bzip2 xz-utils haproxy zookeeper iptables iproute2 faketime'.split(
    ' ',
  );

// Node 20 reads all certificates of this file at each start (0.12 s for a system's bundle); the tests start it two thousand
// times, and none of them speaks TLS to the outside.
delete process.env.NODE_EXTRA_CA_CERTS;

const scratch = mkdtempSync(join(tmpdir(), 'runner-test-'));
const results = [];

const environment = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) };

/** Runs a command to its end and gives its exit code; undefined when it was killed. Its output is shown by `show`. */
function run(command, args, show) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', show);
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? undefined));
  });
}

async function check(stage, name, [command, ...args], show) {
  show(`\n== ${name}\n`);
  const status = await run(command, args, show);
  results.push({ stage, name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, failures: [] });
}

/** The failed tests of a report, each with the place and the first lines of what it said: the end of a log is what people keep. */
function failuresOf(report) {
  return report.testResults.flatMap((file) => {
    const path = relative(process.cwd(), file.name);
    // Nothing of it was run: it does not load, or what it needs did not start.
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
      return [
        `${path}: does not ${file.assertionResults.length === 0 ? 'load' : 'start'}\n${firstLines(file.message)}`,
      ];
    return file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${path} > ${test.fullName}\n${firstLines((test.failureMessages ?? []).join('\n'))}`);
  });
}

const firstLines = (text) =>
  stripVTControlCharacters(text ?? '')
    .split('\n')
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');

async function vitest(stage, name, args, show) {
  show(`\n== ${name}\n`);
  const report = join(scratch, `${stage}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = await run('npx', ['vitest', 'run', ...reporters, ...args], show);
  let passed = 0;
  let failed = 0;
  let failures = [];
  try {
    const summary = JSON.parse(readFileSync(report, 'utf8'));
    passed = summary.numPassedTests;
    // A file that does not even load has no tests of its own: it counts as one failure.
    failed =
      summary.numFailedTests +
      summary.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    failures = failuresOf(summary);
    if (summary.numPendingTests + (summary.numTodoTests ?? 0) > 0)
      failed += summary.numPendingTests + (summary.numTodoTests ?? 0);
  } catch {
    failed = 1;
  }
  if (status !== 0 && failed === 0) failed = 1;
  results.push({ stage, name, passed, failed, failures });
}

const stages = {
  lint: async (show) => {
    await check('lint', 'lint', ['npm', 'run', '--silent', 'lint'], show);
    await check('lint', 'types', ['npm', 'run', '--silent', 'typecheck'], show);
    await check('lint', 'format', ['npm', 'run', '--silent', 'format:check'], show);
    await check('lint', 'pages made from the code', ['node', 'scripts/docs.mjs', '--check'], show);
  },
  unit: (show) => vitest('unit', 'unit tests', ['test/unit/', '--maxWorkers=2'], show),
  cli: (show) => vitest('cli', 'command line tests', ['test/cli/', '--maxWorkers=2'], show),
  faults: (show) => {
    const quick = [
      'f01',
      'f02',
      'f04',
      'f05',
      'f07',
      'f08',
      'f09',
      'f11',
      'f16',
      'f18',
      'f19',
      'f21-two',
      'f30',
      'f34',
      'ssh-config',
      'umask',
      'g17',
    ];
    const files = [...quick.map((name) => `test/faults/${name}`), 'test/security/'];
    // Two at a time: most of them wait for a clock, and each has its own servers and addresses.
    return vitest('faults', 'faults and attacks', [...files, '--maxWorkers=2', '--testTimeout=180000'], show);
  },
  'all-faults': (show) =>
    vitest('all-faults', 'faults', ['test/faults/', '--no-file-parallelism', '--testTimeout=180000'], show),
  'all-attacks': (show) =>
    vitest('all-attacks', 'attacks', ['test/security/', '--no-file-parallelism', '--testTimeout=180000'], show),
  lab: (show) => vitest('lab', 'lab tests', ['test/lab/', '--no-file-parallelism'], show),
  hop: (show) => vitest('hop', 'one rolling upgrade', ['test/rolling/short.test.ts'], show),
  rolling: (show) =>
    vitest('rolling', 'rolling upgrades', ['test/rolling/', '--maxWorkers=3', '--exclude=**/short.test.ts'], show),
};

/** They run side by side: the lab's tests wait for containers most of their time, those of faults for clocks. */
const together = [['lab', 'faults']];

/** These stages run real parts of the system by themselves; the lab brings its own. */
const withRealParts = new Set(['unit', 'faults', 'all-faults', 'all-attacks']);

/** Only when they are named: `npm run test:rolling`, `test:faults`, `test:security`. */
const onDemand = new Set(['rolling', 'all-faults', 'all-attacks']);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
  process.stderr.write(`no such stage: ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}\n`);
  process.exit(2);
}
const chosen = Object.keys(stages).filter((name) => (wanted.length > 0 ? wanted.includes(name) : !onDemand.has(name)));
if (chosen.some((name) => withRealParts.has(name))) ensureDebianPackages(realParts);

/** Runs a stage; what it says is shown as it comes, or whole at its end. */
async function runStage(name, { atOnce }) {
  const kept = [];
  const started = Date.now();
  await stages[name](atOnce ? (text) => process.stdout.write(text) : (text) => kept.push(Buffer.from(text)));
  process.stdout.write(Buffer.concat(kept));
  process.stdout.write(`-- ${name}: ${Math.round((Date.now() - started) / 1000)} s\n`);
}

const done = new Set();
for (const name of chosen) {
  if (done.has(name)) continue;
  const group = together.find((names) => names.includes(name)) ?? [name];
  const members = group.filter((each) => chosen.includes(each));
  await Promise.all(members.map((each, index) => runStage(each, { atOnce: index === 0 })));
  for (const each of members) done.add(each);
}
rmSync(scratch, { recursive: true, force: true });

process.stdout.write('\n');
for (const { name, passed, failed } of results)
  process.stdout.write(`${failed > 0 ? 'FAILED' : 'ok    '} ${name}: ${passed} passed, ${failed} failed\n`);
const failures = results.flatMap((result) => result.failures);
if (failures.length > 0) process.stdout.write(`\nwhat failed:\n${failures.slice(0, 8).join('\n')}\n`);
if (failures.length > 8) process.stdout.write(`and ${failures.length - 8} more, above\n`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
