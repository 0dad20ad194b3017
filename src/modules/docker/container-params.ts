import { z } from 'zod';
import { params } from '../support/define.js';
import { alias, choice, flag, integer, path, seconds, text, textMap, texts, word } from '../support/fields.js';
import { splitWords } from '../support/split-words.js';

/** A field that may be left out, or given as null by a template ("no such setting"). */
function maybe<Field extends z.ZodType>(field: Field) {
  return z
    .preprocess((value) => (value === null ? undefined : value), field.optional())
    .describe(field.description ?? '');
}

/** Words of a command: a list as it is, a text split as a shell does. */
function commandWords(description: string) {
  return maybe(
    z
      .preprocess((value) => (typeof value === 'string' ? splitWords(value) : value), z.array(z.coerce.string()))
      .describe(description),
  );
}

const network = z.union([
  z.string(),
  z.strictObject({
    name: z.string(),
    aliases: z.array(z.string()).optional(),
    ipv4_address: z.string().optional(),
  }),
]);

const healthCheck = z.strictObject({
  test: z
    .union([z.string(), z.array(z.string())])
    .describe('A command for sh, or a list as Docker has it (CMD, CMD-SHELL, NONE).'),
  interval: seconds('Seconds between checks.').default(30),
  timeout: seconds('Seconds a check may take.').default(30),
  retries: integer('Failures in a row until it is unhealthy.').default(3),
  start_period: seconds('Seconds at the start in which failures do not count.').default(0),
});

export const containerParams = params(
  {
    name: word('The name of the container.'),
    state: choice(
      ['started', 'stopped', 'present', 'absent'],
      'Running, stopped, there in whatever state, or not there.',
    ).default('started'),
    image: maybe(word('The image. Without it a container that is there is only started, stopped or removed.')),
    pull: choice(['missing', 'always', 'never'], 'When the image is pulled.').default('missing'),
    command: commandWords('Words after the image: a list, or a text that is split as a shell does.'),
    entrypoint: commandWords("Replaces the image's entrypoint."),
    env: alias(
      textMap('Environment. Values are kept as hashes in what the container remembers of its making.').default({}),
      'environment',
    ),
    volumes: texts('Mounts as `/host/path:/path` or `volume:/path`, with `:ro` and the like behind.').default([]),
    ports: alias(texts('Published ports as `8080:80`, `127.0.0.1:8080:80/tcp`.').default([]), 'published_ports'),
    network_mode: maybe(word('host, none, bridge, container:NAME or the name of a network.')),
    networks: z.array(network).describe('Networks to join, by name or as name, aliases, ipv4_address.').default([]),
    restart_policy: maybe(
      z
        .string()
        .regex(
          /^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/,
          'must be no, always, unless-stopped or on-failure[:times]',
        )
        .describe('no, always, unless-stopped, on-failure or on-failure:3.'),
    ),
    privileged: flag('All rights of the host.').default(false),
    pid_mode: maybe(word('`host`, or container:NAME.')),
    ipc_mode: maybe(word('`host`, or container:NAME.')),
    cgroupns_mode: maybe(choice(['host', 'private'], "The cgroup namespace: the host's or its own.")),
    labels: textMap('Labels.').default({}),
    user: maybe(text('User, or user:group, by name or number.')),
    hostname: maybe(word('The host name inside.')),
    working_dir: maybe(path('The working directory inside.')),
    cap_add: texts('Capabilities to add.').default([]),
    cap_drop: texts('Capabilities to drop.').default([]),
    security_opts: texts('Security options.').default([]),
    devices: texts('Devices as `/dev/x:/dev/x:rwm`.').default([]),
    tmpfs: texts('Mounts in memory as `/run` or `/run:size=64m`.').default([]),
    ulimits: texts('Limits as `nofile:1024:2048`.').default([]),
    etc_hosts: textMap('Further names in /etc/hosts, with their addresses.').default({}),
    memory: maybe(text('Most memory: bytes, or with k, m, g behind.')),
    cpus: maybe(z.coerce.number().positive().describe('Most processors, as 1.5.')),
    shm_size: maybe(text('Size of /dev/shm: bytes, or with k, m, g behind.')),
    log_driver: maybe(word('The log driver.')),
    log_options: textMap('Options of the log driver.').default({}),
    init: flag('An init inside that forwards signals and reaps processes.').default(false),
    read_only: flag("The container's own files cannot be written.").default(false),
    stop_timeout: maybe(integer('Seconds between SIGTERM and SIGKILL.')),
    stop_signal: maybe(word('The signal that stops it.')),
    health_check: maybe(healthCheck.describe('How the engine finds out whether it is healthy.')),
    config_files: texts(
      'Files of the host that the program reads when it starts: with another content than at its start, the container is replaced.',
    ).default([]),
    recreate: flag('Replaces it although nothing differs.').default(false),
    restart: flag('Restarts it when it runs and nothing else is to do.').default(false),
    healthy_after: seconds('Seconds a started container must keep running to count as up.').default(1),
    confirm_after: seconds(
      'Seconds after its start from which on a started container is looked at once more, at the end of the play: one that ended or was restarted by the engine fails its host. 0: not at all.',
    ).default(5),
    healthy_timeout: seconds(
      'Seconds until it must be up (healthy, where it has a health check and takes the place of another).',
    ).default(120),
    keep_old: flag('Keeps the replaced container, stopped, under the name NAME.old-….').default(false),
  },
  (value) => {
    const reserved = Object.keys(value.labels).find((label) => label.startsWith(reservedLabels));
    return reserved === undefined
      ? undefined
      : `the label \`${reserved}\` is kept for what the container remembers of its making`;
  },
);

/** Labels with this prefix are ours. */
export const reservedLabels = 'runner.made.';

export type ContainerParams = z.output<typeof containerParams>;
