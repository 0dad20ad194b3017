import { defineModule, params } from '../support/define.js';
import { flag } from '../support/fields.js';
import { describeProblem, engineLook, parseEngineLook } from './look.js';

interface Found {
  readonly cli: boolean;
  readonly running: boolean;
  readonly problem: string | null;
  readonly version: string | null;
  readonly api_version: string | null;
}

/** Looks at the Docker engine of a host. */
export const dockerInfo = defineModule({
  name: 'docker_info',
  summary: 'Tells whether there is a Docker engine, whether it answers, and its version; changes nothing.',
  params: params({
    required: flag('Fails when the engine does not answer.').default(false),
  }),
  look: () => ({
    kind: 'script',
    script: engineLook([{ key: 'version', path: '/version', words: ['version', '--format', '{{json .Server}}'] }]),
    parse(reply): Found {
      const look = parseEngineLook(reply, ['version']);
      const server = look.object('version') as { readonly Version?: string; readonly ApiVersion?: string } | undefined;
      const running = look.problem === undefined && typeof server?.Version === 'string';
      return {
        cli: look.problem?.kind !== 'no-cli',
        running,
        problem: look.problem === undefined ? null : describeProblem(look.problem),
        version: server?.Version ?? null,
        api_version: server?.ApiVersion ?? null,
      };
    },
  }),
  compare(found, { params, preview, promised }) {
    const values = { ...found, installed: found.cli };
    if (found.running || !params.required) return { kind: 'same', values };
    if (preview && promised?.has('service:docker') === true) {
      return { kind: 'unknown', reason: 'an earlier task brings the engine' };
    }
    return { kind: 'failed', message: found.problem ?? 'the Docker engine does not answer', values };
  },
  change: () => Promise.resolve({ changed: false }),
});
