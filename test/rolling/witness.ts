import { spawn, spawnSync } from 'node:child_process';

/** What one server said of itself at one moment. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly server: string;
  /** leader, follower, standalone; undefined: it did not serve. */
  readonly mode: string | undefined;
  readonly epoch: number | undefined;
}

export interface Witness {
  stop(): Promise<readonly Sample[]>;
}

/** Asks every server a few times a second with bash alone: none of our program is in it. */
const loop = `server=$1
end=$(( $(date +%s) + 1500 ))
while [ "$(date +%s)" -lt "$end" ]; do
  said=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/\${0%:*}/\${0#*:}" && printf srvr >&3 && cat <&3' "$server" 2>/dev/null | tr -d '\\0')
  mode=$(sed -n 's/^Mode: //p' <<< "$said")
  zxid=$(sed -n 's/^Zxid: //p' <<< "$said")
  echo "$(date +%s%3N) $server \${mode:--} \${zxid:--}" || exit
  sleep 0.3
done`;

/** Watches servers ("198.18.0.11:2181") until it is stopped; 25 minutes at most. */
export function startWitness(servers: readonly string[]): Witness {
  const watches = servers.map((server) => {
    const child = spawn('bash', ['-c', loop, 'witness', server], { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    return { child, lines, ended };
  });
  return {
    async stop() {
      for (const { child } of watches) child.kill();
      await Promise.all(watches.map(({ ended }) => ended));
      return watches
        .flatMap(({ lines }) => samplesIn(Buffer.concat(lines).toString('utf8')))
        .toSorted((left, right) => left.at - right.at);
    },
  };
}

function samplesIn(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [at, server, mode, zxid] = line.split(' ');
    if (at === undefined || server === undefined || zxid === undefined) return [];
    return [
      {
        at: Number(at),
        server,
        mode: mode === '-' ? undefined : mode,
        epoch: zxid.startsWith('0x') ? Number(BigInt(zxid) >> 32n) : undefined,
      },
    ];
  });
}

/** How often another member led than before, as the samples have it. */
export function leaderChanges(samples: readonly Sample[]): number {
  const leaders = samples.filter(({ mode }) => mode === 'leader').map(({ server }) => server);
  return leaders.filter((server, index) => index > 0 && server !== leaders[index - 1]).length;
}

/** The fewest servers that were up at any time: for each sample, the last word of every server. */
export function fewestServing(samples: readonly Sample[], servers: readonly string[]): number {
  const last = new Map<string, boolean>(servers.map((server) => [server, true]));
  let fewest = servers.length;
  for (const { server, mode } of samples) {
    last.set(server, mode !== undefined);
    fewest = Math.min(fewest, [...last.values()].filter(Boolean).length);
  }
  return fewest;
}

/** Asks one server with bash: `srvr`, `mntr`. Empty when it does not answer. */
export function askByBash(server: string, word: string): string {
  const script = 'exec 3<>"/dev/tcp/${0%:*}/${0#*:}" && printf "$1" >&3 && cat <&3';
  return spawnSync('timeout', ['4', 'bash', '-c', script, server, word], { encoding: 'utf8' }).stdout;
}
