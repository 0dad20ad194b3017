import type Docker from 'dockerode';

/** Lines of a failed container that its message holds. */
export const tailLines = 20;

/** The last lines a container wrote; empty when the engine does not tell them (another log driver). */
export async function lastLines(container: Docker.Container): Promise<string> {
  try {
    const bytes = await container.logs({ stdout: true, stderr: true, tail: tailLines });
    return demultiplex(bytes).trim();
  } catch {
    return '';
  }
}

/**
 * The text of the engine's log frames: eight bytes (stream, three zeros, length) before each piece. A container with a
 * terminal has no frames.
 */
export function demultiplex(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const isFrame = at + 8 <= bytes.length && (bytes[at] ?? 9) <= 2 && bytes.readUIntBE(at + 1, 3) === 0;
    if (!isFrame) return bytes.toString('utf8');
    const length = bytes.readUInt32BE(at + 4);
    pieces.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString('utf8');
}
