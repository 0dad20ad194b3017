import { sequenceOf } from '../shared/election.js';
import { atLeast } from '../shared/version.js';
import type { Address } from './setup.js';

export interface MasterInfo {
  readonly id: string;
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  readonly pid: string;
  readonly version: string;
}

export function masterInfo(options: { id: string; address: Address; version: string }): MasterInfo {
  const { hostname, ip, port } = options.address;
  return { id: options.id, hostname, ip, port, pid: `master@${ip}:${port}`, version: options.version };
}

/** An IPv4 address as the number that MasterInfo.ip holds (network byte order read as little-endian). */
function ipNumber(ip: string): number {
  return Buffer.from(ip.split('.').map(Number)).readUInt32LE(0);
}

/** The JSON of `json.info_<seq>` and of `leader_info`. */
export function masterInfoJson(info: MasterInfo): Readonly<Record<string, unknown>> {
  return {
    address: { hostname: info.hostname, ip: info.ip, port: info.port },
    hostname: info.hostname,
    id: info.id,
    ip: ipNumber(info.ip),
    pid: info.pid,
    port: info.port,
    version: info.version,
  };
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

function textField(field: number, value: string): number[] {
  const bytes = Buffer.from(value, 'utf8');
  return [(field << 3) | 2, ...varint(bytes.length), ...bytes];
}

/** The protobuf of `info_<seq>` (masters up to 0.23): id 1, ip 2, port 3, pid 4, hostname 5, version 6. */
export function encodeMasterInfo(info: MasterInfo): Buffer {
  return Buffer.from([
    ...textField(1, info.id),
    2 << 3,
    ...varint(ipNumber(info.ip)),
    3 << 3,
    ...varint(info.port),
    ...textField(4, info.pid),
    ...textField(5, info.hostname),
    ...textField(6, info.version),
  ]);
}

function decodeMasterInfo(data: Buffer): MasterInfo | undefined {
  const texts = new Map<number, string>();
  let offset = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; offset < data.length; scale *= 0x80) {
      const byte = data[offset++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (offset < data.length) {
    const key = next();
    const value = next();
    if ((key & 7) !== 2) continue;
    texts.set(key >> 3, data.toString('utf8', offset, offset + value));
    offset += value;
  }
  const [, ip, port] = /@([\d.]+):(\d+)$/.exec(texts.get(4) ?? '') ?? [];
  if (ip === undefined) return undefined;
  return {
    id: texts.get(1) ?? '',
    ip,
    port: Number(port),
    pid: texts.get(4) ?? '',
    hostname: texts.get(5) ?? ip,
    version: texts.get(6) ?? '',
  };
}

/** What a `json.info_` or `info_` node holds; undefined when it is neither. */
export function readMasterInfo(node: string, data: Buffer): MasterInfo | undefined {
  if (!node.startsWith('json.info_')) return decodeMasterInfo(data);
  try {
    const value = JSON.parse(data.toString('utf8')) as {
      id: string;
      hostname: string;
      port: number;
      pid: string;
      version?: string;
    };
    const ip = /@([\d.]+):/.exec(value.pid)?.[1] ?? value.hostname;
    return {
      id: value.id,
      hostname: value.hostname,
      ip,
      port: value.port,
      pid: value.pid,
      version: value.version ?? '',
    };
  } catch {
    return undefined;
  }
}

/** The name under which a master of `version` stands for election (0.24 turned to JSON). */
export function contenderPrefix(version: string): string {
  return atLeast(version, '0.24.0') ? 'json.info_' : 'info_';
}

/** Which candidates a libmesos of `version` can read: up to 0.22 only protobuf, from 0.23 both. */
export function canRead(version: string): (node: string) => boolean {
  return (node) => (atLeast(version, '0.23.0') ? /^(json\.)?info_\d+$/ : /^info_\d+$/).test(node);
}

export function bySequence(left: string, right: string): number {
  return sequenceOf(left) - sequenceOf(right);
}
