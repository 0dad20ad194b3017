import { isDeepStrictEqual } from 'node:util';
import { sh, joinShell } from '../../shell/text.js';
import type { Value, ValueMap } from '../../template/value.js';
import { z } from 'zod';
import { defineModule, params } from '../support/define.js';
import { path } from '../support/fields.js';
import { parseReport, tell } from '../support/report.js';
import { contentChange } from '../support/content-change.js';
import { pathResource } from '../promises.js';
import { ModuleFailure, type Change } from '../types.js';

/** Settings that a running engine takes over on SIGHUP (`dockerd` reference, "Miscellaneous options"). */
const reloadable = new Set([
  'debug',
  'labels',
  'live-restore',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'default-runtime',
  'runtimes',
  'authorization-plugins',
  'insecure-registries',
  'registry-mirrors',
  'shutdown-timeout',
  'features',
]);

type Settings = Readonly<Record<string, unknown>>;

interface Found {
  /** Undefined: there is no file. */
  readonly text: string | undefined;
}

/** Merges settings into the Docker engine's daemon.json. */
export const dockerDaemon = defineModule({
  name: 'docker_daemon',
  summary:
    "Merges settings into the Docker engine's daemon.json; what is there and not named stays. The engine is left to handlers.",
  params: params({
    path: path("The engine's settings file.").default('/etc/docker/daemon.json'),
    options: z.record(z.string(), z.json()).describe('The settings, as daemon.json has them; null removes one.'),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, sh`if [ -e ${params.path} ]; then tell body; cat -- ${params.path}; fi`]),
    parse: (reply): Found => ({ text: parseReport(reply).body?.toString('utf8') }),
  }),
  compare(found, { params }) {
    const before = parseSettings(found.text, params.path);
    const changed = changedKeys(before, params.options);
    const values = { restart_needed: changed.some((key) => !reloadable.has(key)), keys: changed };
    if (changed.length === 0) return { kind: 'same', values };
    const content = contentChange({
      path: params.path,
      before: found.text === undefined ? undefined : Buffer.from(found.text, 'utf8'),
      after: Buffer.from(render(merge(before, params.options)), 'utf8'),
    });
    const changes: readonly Change[] = [
      content,
      ...changed.map((key) => ({
        part: `options.${key}`,
        ...side('before', before[key]),
        ...side('after', params.options[key]),
      })),
    ];
    return { kind: 'change', changes, values, provides: [pathResource(params.path)] };
  },
  async change(host, { params, found }) {
    const before = parseSettings(found.text, params.path);
    const folder = params.path.replace(/\/[^/]*$/, '') || '/';
    await host.run(sh`mkdir -p -- ${folder}`);
    await host.writeFile({
      path: params.path,
      source: { kind: 'bytes', bytes: Buffer.from(render(merge(before, params.options)), 'utf8') },
      mode: '0644',
    });
    const changed = changedKeys(before, params.options);
    return { values: { restart_needed: changed.some((key) => !reloadable.has(key)), keys: changed } };
  },
});

function side(name: 'before' | 'after', value: unknown): Partial<Record<'before' | 'after', Value>> {
  return value === undefined || value === null ? {} : { [name]: value as Value };
}

function parseSettings(text: string | undefined, file: string): Settings {
  if (text === undefined || text.trim() === '') return {};
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Settings;
  } catch (error) {
    throw new ModuleFailure(
      `${file} on the host is not JSON (${(error as Error).message}): mend it or remove it first`,
    );
  }
  throw new ModuleFailure(`${file} on the host holds no JSON object: mend it or remove it first`);
}

function changedKeys(before: Settings, options: Settings): readonly string[] {
  return Object.keys(options).filter((key) => !isDeepStrictEqual(before[key], merge(before, options)[key]));
}

/** Key by key; maps within (log-opts) are merged too, lists are replaced. */
function merge(before: Settings, options: Settings): Settings {
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(options)) {
    if (value === null) delete merged[key];
    else merged[key] = isMap(value) && isMap(merged[key]) ? merge(merged[key], value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function render(settings: Settings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}
