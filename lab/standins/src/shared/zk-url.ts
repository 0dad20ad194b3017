export interface ZkUrl {
  readonly servers: string;
  readonly path: string;
  readonly auth: string | undefined;
}

/** `zk://[user:password@]host:port,…/path`; undefined when it is none. The path keeps its leading slash. */
export function parseZkUrl(url: string): ZkUrl | undefined {
  const match = /^zk:\/\/(?:([^@/]+)@)?([^/@]+)(\/.*)?$/.exec(url.trim());
  if (match?.[2] === undefined) return undefined;
  return { servers: match[2], path: match[3] ?? '/', auth: match[1] };
}
