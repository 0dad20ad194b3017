import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { HostWriter } from '../../../../src/modules/types.js';
import { joinShell, sh } from '../../../../src/shell/text.js';
import { localHost } from '../local-host.js';
import { startFakeEngine, type FakeEngine } from './fake-engine.js';

export interface DockerHost {
  readonly host: HostWriter;
  readonly engine: FakeEngine;
  /** A folder of the host. */
  readonly folder: string;
  /** Lines of progress that tasks showed. */
  readonly progress: string[];
}

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/**
 * A host that is this machine, with a pretended engine and a `docker` command that asks it. `socket`: looks reach the
 * engine itself, by this machine's curl; else its curl never reaches anything.
 */
export async function dockerHost(options: { readonly socket?: boolean } = {}): Promise<DockerHost> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-docker-'));
  const engine = await startFakeEngine(join(folder, 'engine.sock'));
  cleanups.push(
    () => engine.close(),
    () => rmSync(folder, { recursive: true, force: true }),
  );
  const answers = join(folder, 'answers');
  writeFileSync(join(folder, 'docker'), fakeDocker(answers));
  chmodSync(join(folder, 'docker'), 0o755);
  if (options.socket !== true) {
    writeFileSync(join(folder, 'curl'), '#!/bin/sh\nexit 7\n');
    chmodSync(join(folder, 'curl'), 0o755);
  }
  const progress: string[] = [];
  const local = localHost({ name: 'docker', command: ['/bin/sh'], path: `${folder}:${process.env['PATH'] ?? ''}` });
  const host: HostWriter = {
    ...local,
    progress: (line) => void progress.push(line),
    query(script, query) {
      if (options.socket === true)
        return local.query(joinShell([sh`export DOCKER_HOST=${`unix://${engine.socket}`}`, script]), query);
      engine.writeAnswers(answers);
      return local.query(script, query);
    },
    // What `docker system dial-stdio` does: the engine's socket as a stream.
    open: () => Promise.resolve(connect(engine.socket)),
  };
  return { host, engine, folder, progress };
}

/** A `docker` that answers from files; without them there is no engine. */
function fakeDocker(answers: string): string {
  return `#!/bin/sh
cd '${answers}' 2>/dev/null || {
  echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2
  exit 1
}
case "$1 $2" in
  *' inspect')
    type=$1
    while [ $# -gt 1 ]; do shift; done
    cat "$type/$(printf %s "$1" | tr / %)" 2>/dev/null || { echo; echo "Error response from daemon: No such $type: $1" >&2; exit 1; } ;;
  'ps '*) cat ps ;;
  'events '*) cat "events-\${7#container=}" ;;
  'logs '*)
    while [ $# -gt 1 ]; do shift; done
    [ -f "container/$1" ] || { echo "Error response from daemon: No such container: $1" >&2; exit 1; }
    echo 'last words' ;;
  *) echo "the pretended docker does not know: $*" >&2; exit 1 ;;
esac
`;
}
