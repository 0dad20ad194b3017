// Makes src/stack/data/*-flags.ts from the tables of a document: appendix A (mesos-master), B (mesos-slave), C (logging),
// D (Marathon). Run once, when the tables change: node scripts/flag-tables.mjs DOCUMENT
import { readFileSync, writeFileSync } from 'node:fs';

const document = readFileSync(process.argv[2], 'utf8');
const directory = new URL('../src/stack/data/', import.meta.url);

function section(letter) {
  const start = document.indexOf(`# Appendix ${letter}.`);
  const end = document.indexOf('# Appendix', start + 1);
  return document.slice(start, end === -1 ? undefined : end);
}

function rows(letter) {
  return section(letter)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const bare = (cell) => cell.replaceAll('`', '').replace(/^--/, '');

function write(name, { constant, summary, lines }) {
  const text = `import type { FlagRow } from './flag-row.js';

/** ${summary} */
export const ${constant}: readonly FlagRow[] = [
${lines.map((cells) => `  [${cells.map((cell) => `'${cell}'`).join(', ')}],`).join('\n')}
];
`;
  writeFileSync(new URL(`${name}.ts`, directory), text);
}

function mesos(letter, { name, constant, summary }) {
  const lines = rows(letter).map(([flag, , type, , since, until, old]) => [
    bare(flag),
    type.replaceAll("'", ''),
    since.replace(/^≤.*/, ''),
    until ? nextPatch(until) : '',
    old ?? '',
  ]);
  write(name, { constant, summary, lines });
}

/** Every release was read: a flag last seen in 0.28.3 is gone in whatever came after. */
function nextPatch(version) {
  const [major, minor, patch] = version.split('.').map(Number);
  return `${major}.${minor}.${patch + 1}`;
}

/** Only some releases were read: an option first seen in 0.13.0 may have come at any time after the release read before. */
function marathon() {
  const samples = [
    ...section('D')
      .split('\n')[0]
      .matchAll(/v?(\d+\.\d+\.\d+)/g),
  ].map((match) => match[1]);
  const chaos = /^(?:http_|https_|ssl_|disable_http$|assets_path$)/;
  const lines = rows('D').map(([flag, type, , first, last]) => {
    const name = bare(flag);
    const firstSample = first.replace(/^v/, '');
    const lastSample = last.replace(/^v/, '');
    const before = samples[samples.indexOf(firstSample) - 1];
    const since = before === undefined || chaos.test(name) ? '' : nextPatch(before);
    const gone = lastSample === '' ? '' : (samples[samples.indexOf(lastSample) + 1] ?? '');
    return [name, type.replace(/ .*/, ''), since, gone, ''];
  });
  write('marathon-options', {
    constant: 'marathonOptions',
    summary:
      'Every option of Marathon 0.8.2 to 1.10.26, as the releases read for it have them; the HTTP options came with its library before 1.7.',
    lines,
  });
}

mesos('A', {
  name: 'mesos-master-flags',
  constant: 'mesosMasterFlags',
  summary: 'Every flag of mesos-master 0.20.0 to 1.11.0.',
});
mesos('B', {
  name: 'mesos-agent-flags',
  constant: 'mesosAgentFlags',
  summary: 'Every flag of mesos-slave and mesos-agent 0.20.0 to 1.11.0.',
});
mesos('C', {
  name: 'mesos-logging-flags',
  constant: 'mesosLoggingFlags',
  summary: 'The logging flags of every Mesos program.',
});
marathon();
