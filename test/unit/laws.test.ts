import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The table of docs/architecture.md: what each room may import, and the npm packages it alone owns. */
const rooms: Readonly<
  Record<
    string,
    { readonly mayImport: readonly string[]; readonly typesOf?: readonly string[]; readonly owns: readonly string[] }
  >
> = {
  core: { mayImport: [], owns: [] },
  secrets: { mayImport: ['core'], owns: [] },
  syntax: { mayImport: ['core', 'secrets'], owns: ['yaml', 'zod'] },
  shell: { mayImport: ['core'], owns: [] },
  inventory: { mayImport: ['core', 'syntax'], owns: ['ssh-config'] },
  template: { mayImport: ['core', 'syntax'], owns: ['ejs', 'acorn', 'acorn-walk'] },
  playbook: { mayImport: ['core', 'syntax', 'template'], typesOf: ['inventory'], owns: [] },
  plan: { mayImport: ['core', 'syntax', 'shell', 'inventory', 'playbook', 'template'], owns: [] },
  modules: {
    mayImport: ['core', 'syntax', 'shell', 'stack'],
    typesOf: ['template'],
    owns: ['dockerode', 'tar-stream'],
  },
  rollout: { mayImport: ['core', 'syntax', 'shell'], typesOf: ['template', 'modules'], owns: [] },
  stack: {
    mayImport: ['core', 'syntax', 'shell', 'modules', 'rollout'],
    typesOf: ['template', 'plan', 'inventory', 'playbook'],
    owns: ['semver'],
  },
  transport: { mayImport: ['core', 'shell'], typesOf: ['inventory'], owns: ['ssh2', 'p-limit'] },
  run: {
    mayImport: [
      'core',
      'syntax',
      'shell',
      'inventory',
      'playbook',
      'template',
      'plan',
      'modules',
      'rollout',
      'transport',
    ],
    owns: [],
  },
  report: {
    mayImport: ['core'],
    typesOf: ['plan', 'run', 'modules', 'template'],
    owns: ['listr2', 'picocolors', 'diff'],
  },
  cli: {
    mayImport: [
      'core',
      'secrets',
      'syntax',
      'shell',
      'inventory',
      'playbook',
      'template',
      'plan',
      'modules',
      'rollout',
      'stack',
      'transport',
      'run',
      'report',
    ],
    owns: ['commander', 'jiti', '@viz-js/viz'],
  },
};

/** Packages that hold no thought of their own and may be used where they serve; zod schemas are what `params` of a module are. */
const sharedPackages: Readonly<Record<string, readonly string[]>> = {
  zod: ['modules', 'stack', 'playbook'],
  'p-limit': ['run', 'cli'],
};

/** The one file of template that is all types: what a value is, and the mark of an unknown one. */
const valueTypes = 'template/value.js';

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const source = join(import.meta.dirname, '../../src');

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

const files = filesBelow(source);
const imports: readonly Import[] = files.flatMap((path) => {
  const text = readFileSync(path, 'utf8');
  const file = relative(source, path);
  return [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?((?:[^'";]|\n)*?)from\s+'([^']+)'|\bimport\('([^']+)'\)/gm),
  ].map((match) => {
    const target = match[3] ?? match[4] ?? '';
    const named =
      /^\{([\s\S]*)\}\s*$/
        .exec((match[2] ?? '').trim())?.[1]
        ?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const typeOnly = match[1] !== undefined || (named.length > 0 && named.every((name) => name.startsWith('type ')));
    return {
      file,
      room: file.split('/')[0] ?? '',
      target: target.startsWith('.') ? relative(source, join(dirname(path), target)) : target,
      typeOnly,
    };
  });
});

describe('the laws of the rooms', () => {
  it('finds the rooms and their imports', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(imports.length).toBeGreaterThan(100);
    expect(new Set(files.map((path) => relative(source, path).split('/')[0]))).toEqual(new Set(Object.keys(rooms)));
  });

  it('lets arrows only go up the table', () => {
    const broken = imports.filter(({ room, target, typeOnly }) => {
      const other = target.split('/')[0] ?? '';
      if (!(other in rooms) || other === room) return false;
      if (rooms[room]?.mayImport.includes(other)) return false;
      const types = typeOnly || target === valueTypes;
      return !(types && rooms[room]?.typesOf?.includes(other));
    });
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('gives each npm package one owner room', () => {
    const owner = new Map(
      Object.entries(rooms).flatMap(([room, { owns }]) => owns.map((name) => [name, room] as const)),
    );
    const broken = imports.filter(({ room, target, typeOnly }) => {
      if (typeOnly) return false;
      const [first = '', second = ''] = target.split('/');
      if (target.startsWith('node:') || first in rooms) return false;
      const name = target.startsWith('@') ? `${first}/${second}` : first;
      return owner.get(name) !== room && !sharedPackages[name]?.includes(room);
    });
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('keeps the rooms from core to plan free of input and output', () => {
    const pure = new Set(['core', 'syntax', 'shell', 'inventory', 'playbook', 'template', 'plan']);
    const doors = /^node:(fs|child_process|net|http|https|dns|os|worker_threads|process|readline|tty)/;
    expect(
      imports
        .filter(({ room, target }) => pure.has(room) && doors.test(target))
        .map(({ file, target }) => `${file} → ${target}`),
    ).toEqual([]);
  });

  it('lets only report and cli write to stdout and stderr, and only the cli set the exit code', () => {
    const writers = files
      .filter((path) => /process\.(stdout|stderr)\.write|console\.\w+\(/.test(readFileSync(path, 'utf8')))
      .map((path) => relative(source, path));
    expect(writers.filter((path) => !/^(report|cli)\//.test(path))).toEqual([]);
    const exits = files
      .filter((path) => /process\.(exitCode\s*=|exit\()/.test(readFileSync(path, 'utf8')))
      .map((path) => relative(source, path));
    expect(exits.filter((path) => !path.startsWith('cli/'))).toEqual([]);
  });

  it('lets only the index of modules and the cli know the stack', () => {
    const broken = imports.filter(
      ({ file, target }) => target.startsWith('stack/') && !/^(stack\/|cli\/|modules\/index\.ts)/.test(file),
    );
    expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('has no default exports, and no file above 400 lines', () => {
    expect(
      files.filter((path) => /^export default/m.test(readFileSync(path, 'utf8'))).map((path) => relative(source, path)),
    ).toEqual([]);
    expect(
      files.filter((path) => readFileSync(path, 'utf8').split('\n').length > 401).map((path) => relative(source, path)),
    ).toEqual([]);
  });
});
