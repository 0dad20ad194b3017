// Writes what is made from the code and the roles: docs/modules/*.md and roles/*/README.md.
// `node scripts/docs.mjs --check` only says which of them are out of date, and exits 1 then.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { moduleDocs, moduleMarkdown } from '../dist/modules/docs.js';
import { findModule, moduleNames } from '../dist/modules/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

/** Text in a Markdown table cell. */
const cell = (text) =>
  String(text)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
const code = (value) =>
  value === undefined ? '' : `\`${cell(typeof value === 'string' ? value : JSON.stringify(value))}\``;

function rolePage(role) {
  const directory = join(root, 'roles', role);
  const read = (path) => (existsSync(join(directory, path)) ? parse(readFileSync(join(directory, path), 'utf8')) : {});
  const meta = read('meta/main.yaml');
  const defaults = read('defaults/main.yaml') ?? {};
  const { short_description: summary = '', options = {} } = meta.argument_specs?.main ?? {};
  const rows = Object.entries(options).map(([name, option]) => {
    const type = option.elements === undefined ? option.type : `${option.type} of ${option.elements}`;
    const choices = option.choices === undefined ? '' : ` One of ${option.choices.map(code).join(', ')}.`;
    const value = option.required === true ? '*required*' : code(option.default ?? defaults[name]);
    return `| \`${name}\` | ${type ?? 'any'} | ${value} | ${cell(option.description ?? '')}${choices} |`;
  });
  const dependencies = (meta.dependencies ?? []).map((each) => `\`${typeof each === 'string' ? each : each.role}\``);
  return [
    `# Role \`${role}\``,
    '',
    summary,
    '',
    ...(dependencies.length > 0 ? [`Runs after: ${dependencies.join(', ')}.`, ''] : []),
    '```yaml',
    `- hosts: ${defaults[Object.keys(options).find((name) => name.endsWith('_group'))] ?? 'all'}`,
    `  roles: [${role}]`,
    '```',
    '',
    '| argument | type | default | |',
    '|---|---|---|---|',
    ...rows,
    '',
    'This page is made from `meta/main.yaml` and `defaults/main.yaml` by `npm run docs`.',
    '',
  ].join('\n');
}

const pages = new Map();
for (const role of readdirSync(join(root, 'roles'))) pages.set(`roles/${role}/README.md`, rolePage(role));
const names = moduleNames();
for (const name of names)
  pages.set(`docs/modules/${name}.md`, `${moduleMarkdown(moduleDocs(findModule(name))).trimEnd()}\n`);
pages.set(
  'docs/modules/README.md',
  [
    '# Modules',
    '',
    ...names.map((name) => `- [${name}](${name}.md): ${findModule(name).summary}`),
    '',
    'Made by `npm run docs`; `runner modules NAME` shows the same in the terminal.',
    '',
  ].join('\n'),
);

const outdated = [...pages]
  .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
  .map(([path]) => path);
const moduleFolder = join(root, 'docs/modules');
const stale = (existsSync(moduleFolder) ? readdirSync(moduleFolder) : [])
  .map((name) => `docs/modules/${name}`)
  .filter((path) => !pages.has(path));
if (check) {
  for (const path of [...outdated, ...stale]) process.stderr.write(`${path} is out of date: npm run docs\n`);
  process.exitCode = outdated.length + stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) rmSync(join(root, path));
  for (const path of outdated) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), pages.get(path));
    process.stdout.write(`${path}\n`);
  }
}
