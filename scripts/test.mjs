// `npm test`: lint, types, format, unit and CLI tests, faults and attacks, lab tests. Ends with "N passed, N failed"; exit 1 when anything failed.
// `npm test -- unit cli` runs only the named stages.
import { spawnSync } from 'node:child_process';
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

function check(stage, name, command, args) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
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

function vitest(stage, name, args) {
  process.stdout.write(`\n== ${name}\n`);
  const report = join(scratch, `${stage}.json`);
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { stdio: 'inherit' },
  );
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
  lint: () => {
    check('lint', 'lint', 'npm', ['run', '--silent', 'lint']);
    check('lint', 'types', 'npm', ['run', '--silent', 'typecheck']);
    check('lint', 'format', 'npm', ['run', '--silent', 'format:check']);
    check('lint', 'pages made from the code', 'node', ['scripts/docs.mjs', '--check']);
  },
  unit: () => {
    ensureDebianPackages(realParts);
    vitest('unit', 'unit tests', ['test/unit/', '--maxWorkers=2']);
  },
  cli: () => vitest('cli', 'command line tests', ['test/cli/', '--maxWorkers=2']),
  faults: () => {
    ensureDebianPackages(realParts);
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
    vitest('faults', 'faults and attacks', [...files, '--maxWorkers=2', '--testTimeout=180000']);
  },
  'all-faults': () => {
    ensureDebianPackages(realParts);
    vitest('all-faults', 'faults', ['test/faults/', '--no-file-parallelism', '--testTimeout=180000']);
  },
  'all-attacks': () => {
    ensureDebianPackages(realParts);
    vitest('all-attacks', 'attacks', ['test/security/', '--no-file-parallelism', '--testTimeout=180000']);
  },
  lab: () => vitest('lab', 'lab tests', ['test/lab/', '--no-file-parallelism']),
  hop: () => vitest('hop', 'one rolling upgrade', ['test/rolling/short.test.ts']),
  rolling: () =>
    vitest('rolling', 'rolling upgrades', ['test/rolling/', '--maxWorkers=3', '--exclude=**/short.test.ts']),
};

/** Only when they are named: `npm run test:rolling`, `test:faults`, `test:security`. */
const onDemand = new Set(['rolling', 'all-faults', 'all-attacks']);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
  process.stderr.write(`no such stage: ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}\n`);
  process.exit(2);
}
for (const [name, run] of Object.entries(stages)) {
  if (wanted.length > 0 ? !wanted.includes(name) : onDemand.has(name)) continue;
  const started = Date.now();
  run();
  process.stdout.write(`-- ${name}: ${Math.round((Date.now() - started) / 1000)} s\n`);
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
