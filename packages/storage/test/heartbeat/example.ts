import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  type HeartbeatFile,
  type HeartbeatStatement,
  heartbeatLimits,
  type NamedFile,
} from '../../src/heartbeat/contents';
import { encodeHeartbeat } from '../../src/heartbeat/encode-heartbeat';
import { formatNamedFile } from '../../src/heartbeat/format-lines';
import { formatHeartbeatKey } from '../../src/heartbeat/heartbeat-key';
import { readHeartbeat } from '../../src/heartbeat/read-heartbeat';
import { MemoryStorage } from '../../src/memory-storage';

export const instance = 'influxdb-0.influxdb';
export const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
export const atMs = Date.UTC(2026, 10, 30, 12);
/** A UUIDv7 of that moment. */
export const id = '01a22c53-8200-7def-8123-456789abcdef';
export const day = '20261130';
export const key = formatHeartbeatKey({ instance, sink, day, id });

export const statement: HeartbeatStatement = {
  instance,
  sink,
  id,
  previous: '01a22c53-0000-7def-8123-456789abcdef',
  writer: '019ab0c8-5a00-7000-8000-000000000001',
  day,
  isWholeDay: false,
  part: 1,
  parts: 1,
  atMs,
  storedUpToMs: atMs - 60_000,
  nextDueByMs: atMs + 300_000,
  isLast: false,
  open: 1,
  spooled: 0,
  parked: 1,
  unnamed: 0,
};

export const named: NamedFile = {
  state: 'stored',
  key: `${instance}/db_0/rp_5d/20261130/01a22c50-0000-7000-8000-000000000001.gz`,
  sizeBytes: 12_345,
  md5: 'XUFAKrxLKna5cZ2REBfFkg==',
  lines: 2,
  fromNs: 1_795_421_700_000_000_000n,
  toNs: -9_223_372_036_854_775_806n,
};

export const files: readonly HeartbeatFile[] = [
  named,
  { state: 'stored', key: `~quarantine/${instance}/db_0/~default/20261130/01a22c50-0000-7000-8000-000000000002.gz` },
  {
    state: 'open',
    key: `${instance}/db_0/~default/20261130/01a22c50-0000-7000-8000-000000000003.gz`,
    sinceMs: atMs,
    lines: 7,
  },
  {
    state: 'parked',
    key: `${instance}/db_1/~default/20261130/01a22c50-0000-7000-8000-000000000004.gz`,
    sinceMs: atMs - 60_000,
  },
];

/** Returns the bytes of a heartbeat of these files. */
export async function encoded(changed: Partial<HeartbeatStatement> = {}, of = files): Promise<Buffer> {
  const stored = of.filter((file) => file.state === 'stored');
  const pending = of.filter((file) => file.state !== 'stored');
  return await encodeHeartbeat(
    { ...statement, ...changed },
    { stored: stored.map(formatNamedFile), storedCount: stored.length, pending },
  );
}

/** Returns the gzip of a heartbeat with these lines, and a last line that confirms them. */
export function confirmed(lines: readonly string[], { stored = lines.length - 1, pending = 0 } = {}): Buffer {
  const text = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  return gzipSync(`${text}${JSON.stringify({ end: 'heartbeat', stored, pending, sha256 })}\n`);
}

/** Stores an object, and reads it as a heartbeat. */
export async function readBack(bytes: Uint8Array, under = key, createdMs = atMs): ReturnType<typeof readHeartbeat> {
  const storage = new MemoryStorage();
  await storage.put(under, {
    sizeBytes: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  });
  return await readHeartbeat(storage, { key: under, sizeBytes: bytes.byteLength, createdMs });
}

export const tooMany = heartbeatLimits.filesMax + 1;
