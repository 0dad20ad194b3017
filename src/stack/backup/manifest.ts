import { z } from 'zod';
import { parseData, type Parsed } from '../../syntax/schema.js';

/** What a backup may hold, from the bottom of the stack to its top. */
export const backupComponents = ['zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo'] as const;
export type BackupComponent = (typeof backupComponents)[number];

/** The name of the manifest in a backup's folder. */
export const manifestName = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A path below the backup's folder that leads nowhere else. */
const insidePath = z
  .string()
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9%._-]+(?:\/[A-Za-z0-9%._-]+)*$/, 'must stay inside the backup');

const file = z.strictObject({
  /** Below the backup's folder, with slashes. */
  path: insidePath,
  component: z.enum(backupComponents),
  /** The host it came from. */
  host: z.string(),
  /**
   * snapshot, log: of ZooKeeper, compressed by gzip. identity: a myid. configuration: a rendered file. container: how a
   * container was made, as the engine tells it. state: what a program told of itself. store: Marathon's own backup, compressed by gzip.
   */
  kind: z.enum(['snapshot', 'log', 'identity', 'configuration', 'container', 'state', 'store']),
  /** Where it lay on the host, or what was asked. */
  source: z.string(),
  /** Bytes and SHA-256 of the file as it lies in the backup. */
  size: z.int().nonnegative(),
  sha256,
  /** The same of what is inside a compressed file. */
  inside: z.strictObject({ size: z.int().nonnegative(), sha256 }).optional(),
});

const schema = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[0-9A-Za-z-]{1,64}$/),
  /** ISO 8601, in UTC. */
  takenAt: z.string(),
  /** user@host of who took it. */
  takenBy: z.string(),
  components: z.array(z.enum(backupComponents)),
  zookeeper: z
    .strictObject({
      version: z.string().optional(),
      /** The member whose data it is, and what it was in the ensemble then. */
      from: z.string(),
      role: z.string(),
      zxid: z.string().optional(),
      /** All znodes, and those of them that live only as long as their client's session. */
      znodes: z.int().nonnegative(),
      ephemerals: z.int().nonnegative().optional(),
      members: z.array(z.strictObject({ host: z.string(), id: z.int().optional(), address: z.string() })),
    })
    .optional(),
  marathon: z
    .strictObject({
      version: z.string().optional(),
      frameworkId: z.string().optional(),
      apps: z.int().nonnegative(),
      /** Its own backup of its state: of which version, and the host whose instance wrote it. */
      store: z.strictObject({ version: z.string(), from: z.string() }).optional(),
    })
    .optional(),
  bamboo: z.strictObject({ services: z.int().nonnegative() }).optional(),
  /** Hosts of which nothing could be fetched, and why. */
  missing: z.array(z.strictObject({ host: z.string(), reason: z.string() })),
  files: z.array(file),
});

export type BackupManifest = z.output<typeof schema>;
export type BackupFile = z.output<typeof file>;

/** Reads a manifest; `path` is what its mistakes point at. */
export function parseManifest(text: string, path: string): Parsed<BackupManifest> {
  const span = { file: path, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const message = `the manifest is no JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'invalid', diagnostics: [{ severity: 'error', code: 'backup', message, span }] };
  }
  return parseData({ schema, data, span, what: 'the manifest of a backup' });
}

/** A host's name as one piece of a path: everything but letters, digits, `_` and `-` as percent signs and numbers; dots stay inside. */
export function pathPiece(name: string): string {
  const encoded = name.replaceAll(/[^A-Za-z0-9._-]/g, (sign) =>
    [...Buffer.from(sign, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return encoded.replace(/^\.+/, (dots) => '%2e'.repeat(dots.length));
}
