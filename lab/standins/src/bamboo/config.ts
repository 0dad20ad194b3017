import { readFileSync } from 'node:fs';
import { Fatal, reason } from '../shared/exit.js';
import { atLeast } from '../shared/version.js';

export interface BambooConfig {
  readonly version: string;
  readonly marathon: {
    readonly endpoint: string;
    readonly user: string;
    readonly password: string;
    readonly useEventStream: boolean;
  };
  readonly bamboo: {
    readonly endpoint: string;
    readonly zookeeper: { readonly host: string; readonly path: string; readonly reportingDelay: number };
  };
  readonly haproxy: {
    readonly templatePath: string;
    readonly outputPath: string;
    readonly reloadCommand: string;
    readonly reloadValidationCommand: string;
    readonly reloadCleanupCommand: string;
  };
}

/** Go's `flag` package: `-x value`, `-x=value`, one dash or two; an unknown flag ends with 2. */
export function commandLine(argv: readonly string[]): {
  readonly config: string;
  readonly log: string;
  readonly bind: string;
} {
  const values: Record<string, string> = { config: 'config/development.json', log: '', bind: ':8000' };
  for (let index = 0; index < argv.length; index += 1) {
    const [, name, value] = /^--?([^=-][^=]*)(?:=([\s\S]*))?$/.exec(argv[index] ?? '') ?? [];
    if (name === undefined) break;
    if (!(name in values)) throw new Fatal(`flag provided but not defined: -${name}`, 2);
    if (value === undefined && index + 1 >= argv.length) throw new Fatal(`flag needs an argument: -${name}`, 2);
    values[name] = value ?? argv[++index] ?? '';
  }
  return { config: values['config'] ?? '', log: values['log'] ?? '', bind: values['bind'] ?? '' };
}

type Kind = 'string' | 'boolean' | 'integer';

/** A Go-like reading of JSON: keys in any case, unknown ones ignored, a wrong type is an error. */
function lookup(root: unknown, path: readonly string[], kind: Kind): string | number | boolean | undefined {
  let value = root;
  for (const key of path) {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value))
      throw new Fatal(`json: cannot unmarshal ${typeof value} into Go value of type configuration.${path[0] ?? ''}`);
    const entries = Object.entries(value).filter(([name]) => name.toLowerCase() === key.toLowerCase());
    value = (entries.find(([name]) => name === key) ?? entries.at(-1))?.[1];
  }
  if (value === undefined || value === null) return undefined;
  const goType = { string: 'string', boolean: 'bool', integer: 'int64' }[kind];
  const fits = kind === 'integer' ? Number.isInteger(value) : typeof value === kind;
  if (!fits)
    throw new Fatal(
      `json: cannot unmarshal ${typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type ${goType}`,
    );
  return value as string | number | boolean;
}

/** The configuration file with its environment on top, by version. Missing file: exit 2 (a panic); anything else wrong in it: exit 1. */
export function bambooConfig(options: { version: string; file: string; env: NodeJS.ProcessEnv }): BambooConfig {
  const { version, env } = options;
  let text: string;
  try {
    text = readFileSync(options.file, 'utf8');
  } catch (error) {
    throw new Fatal(`panic: open ${options.file}: ${reason(error)}`, 2);
  }
  let root: unknown;
  try {
    root = JSON.parse(text) as unknown;
  } catch (error) {
    throw new Fatal(`Failed to parse ${options.file}: ${reason(error)}`, 1);
  }
  const since = (minimum: string): boolean => atLeast(version, minimum);
  const string = (path: readonly string[], variable?: string, minimum = '0'): string => {
    if (!since(minimum)) return '';
    return (variable === undefined ? '' : env[variable]) || String(lookup(root, path, 'string') ?? '');
  };
  const eventStream = (): boolean => {
    if (!since('0.2.20')) return false;
    const given = env['MARATHON_USE_EVENT_STREAM'];
    if (given) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(given);
    return lookup(root, ['Marathon', 'UseEventStream'], 'boolean') === true;
  };
  return {
    version,
    marathon: {
      endpoint: string(['Marathon', 'Endpoint'], 'MARATHON_ENDPOINT'),
      user: string(['Marathon', 'User'], 'MARATHON_USER', '0.2.14'),
      password: string(['Marathon', 'Password'], 'MARATHON_PASSWORD', '0.2.14'),
      useEventStream: eventStream(),
    },
    bamboo: {
      endpoint: string(['Bamboo', 'Endpoint'], 'BAMBOO_ENDPOINT'),
      zookeeper: {
        host: string(['Bamboo', 'Zookeeper', 'Host'], 'BAMBOO_ZK_HOST'),
        path: string(['Bamboo', 'Zookeeper', 'Path'], 'BAMBOO_ZK_PATH'),
        reportingDelay: Number(lookup(root, ['Bamboo', 'Zookeeper', 'ReportingDelay'], 'integer') ?? 0),
      },
    },
    haproxy: {
      templatePath: string(['HAProxy', 'TemplatePath'], 'HAPROXY_TEMPLATE_PATH'),
      outputPath: string(['HAProxy', 'OutputPath'], 'HAPROXY_OUTPUT_PATH'),
      reloadCommand: string(['HAProxy', 'ReloadCommand'], 'HAPROXY_RELOAD_CMD'),
      reloadValidationCommand: string(
        ['HAProxy', 'ReloadValidationCommand'],
        'HAPROXY_RELOAD_VALIDATION_CMD',
        '0.2.15',
      ),
      reloadCleanupCommand: string(['HAProxy', 'ReloadCleanupCommand'], 'HAPROXY_RELOAD_CLEANUP_CMD', '0.2.15'),
    },
  };
}
