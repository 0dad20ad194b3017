import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type Mirror, sourcesList } from '../machine/mirror.js';
import { run } from '../machine/process.js';
import { withWorkspace } from '../machine/workspace.js';
import type { Step } from '../step.js';
import { follow } from './follow.js';

/** Documentation and translations are a third of a Debian that nobody reads in a lab. */
const leaveOut = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
  '/usr/share/lintian/*',
];

export interface RootFileSystem {
  readonly docker: Docker;
  readonly mirror: Mirror;
  readonly suite: string;
  readonly packages: readonly string[];
  /** The image to make, `name:tag`. */
  readonly image: string;
}

/** Makes an image out of Debian packages alone; no registry takes part. */
export async function buildRootFileSystem(wanted: RootFileSystem, step: Step): Promise<void> {
  await withWorkspace('rootfs', async (work) => {
    const tar = join(work, 'rootfs.tar');
    const sources = join(work, 'sources.list');
    writeFileSync(sources, sourcesList(wanted.mirror, wanted.suite));
    await run(
      [
        'mmdebstrap',
        '--variant=minbase',
        `--include=${wanted.packages.join(',')}`,
        ...leaveOut.map((path) => `--dpkgopt=path-exclude=${path}`),
        '--dpkgopt=force-unsafe-io',
        '--aptopt=Acquire::Languages "none"',
        // Lists stay compressed on disk, as the hosts keep them.
        '--aptopt=Acquire::GzipIndexes "true"',
        ...wanted.mirror.settings.map((line) => `--aptopt=${line}`),
        wanted.suite,
        tar,
        sources,
      ],
      { signal: step.signal, env: { TMPDIR: work }, onLine: (line) => step.say(line.replace(/^I: /, '')) },
    );
    const [repo, tag] = wanted.image.split(':');
    step.say('importing into the engine');
    await follow(wanted.docker, await wanted.docker.importImage(createReadStream(tar), { repo, tag }), step);
  });
}
