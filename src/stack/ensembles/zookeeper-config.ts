import { configEntries } from '../zookeeper/config.js';

/** What of a zoo.cfg must not change by a side effect. */
export interface ZooConfig {
  readonly dataDir?: string;
  readonly dataLogDir?: string;
  /** By id: "10.0.0.1:2888:3888", with ":observer" behind where it is one. Empty: it runs alone. */
  readonly servers: ReadonlyMap<string, string>;
}

/** Reads key=value lines; the last of a key holds, as in Java's properties. */
export function parseZooConfig(text: string): ZooConfig {
  const settings = configEntries(text);
  const servers = [...settings].flatMap(([key, value]): [string, string][] =>
    key.startsWith('server.') ? [[key.slice('server.'.length), withoutDefaults(value)]] : [],
  );
  const dataDir = settings.get('dataDir');
  const dataLogDir = settings.get('dataLogDir');
  return {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dataLogDir === undefined ? {} : { dataLogDir }),
    servers: new Map(servers),
  };
}

/** Dynamic configuration writes "host:2888:3888:participant;2181". */
function withoutDefaults(server: string): string {
  return (server.split(';')[0] ?? '').replace(/:participant$/, '');
}
