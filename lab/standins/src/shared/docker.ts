import { call } from './http-client.js';

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  /** created, running, exited, dead … */
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ContainerDetails {
  readonly State: { readonly Running: boolean; readonly ExitCode: number };
  readonly NetworkSettings: { readonly IPAddress?: string };
}

/** The few calls of the Docker Engine's API that an agent needs; each rejects with the engine's own message. */
export interface Docker {
  readonly list: () => Promise<readonly ContainerSummary[]>;
  readonly inspect: (id: string) => Promise<ContainerDetails>;
  readonly hasImage: (image: string) => Promise<boolean>;
  readonly pull: (image: string) => Promise<void>;
  readonly create: (name: string, settings: unknown) => Promise<string>;
  readonly start: (id: string) => Promise<void>;
  readonly stop: (id: string, graceSeconds: number) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export function connectDocker(socketPath: string): Docker {
  const ask = async (
    method: string,
    path: string,
    options: { body?: unknown; timeoutMs?: number; allow?: readonly number[] } = {},
  ): Promise<{ status: number; body: string }> => {
    const answer = await call({
      method,
      url: `http://docker${path}`,
      socketPath,
      timeoutMs: options.timeoutMs ?? 30_000,
      headers: { 'Content-Type': 'application/json' },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    if (answer.status >= 300 && !options.allow?.includes(answer.status))
      throw new Error(`docker ${method} ${path}: ${answer.status} ${answer.body.trim()}`);
    return answer;
  };
  return {
    list: async () => JSON.parse((await ask('GET', '/containers/json?all=1')).body) as ContainerSummary[],
    inspect: async (id) => JSON.parse((await ask('GET', `/containers/${id}/json`)).body) as ContainerDetails,
    hasImage: async (image) => (await ask('GET', `/images/${image}/json`, { allow: [404] })).status !== 404,
    pull: async (image) => {
      const tagged = /:[^/]+$/.test(image) || image.includes('@') ? image : `${image}:latest`;
      const answer = await ask('POST', `/images/create?fromImage=${encodeURIComponent(tagged)}`, {
        timeoutMs: 600_000,
      });
      // The engine answers 200 first and tells of a failure in the stream.
      const failed = /"error":"([^"]*)"/.exec(answer.body);
      if (failed) throw new Error(`docker pull ${image}: ${failed[1] ?? 'failed'}`);
    },
    create: async (name, settings) =>
      (JSON.parse((await ask('POST', `/containers/create?name=${name}`, { body: settings })).body) as { Id: string })
        .Id,
    start: async (id) => void (await ask('POST', `/containers/${id}/start`, { allow: [304] })),
    stop: async (id, graceSeconds) =>
      void (await ask('POST', `/containers/${id}/stop?t=${graceSeconds}`, {
        allow: [304, 404],
        timeoutMs: (graceSeconds + 30) * 1000,
      })),
    remove: async (id) => void (await ask('DELETE', `/containers/${id}?force=1&v=1`, { allow: [404, 409] })),
  };
}
