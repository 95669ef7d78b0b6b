import type { ObjectInfo, ObjectReader } from '@ceres/storage';
import {
  type Heartbeat,
  type HeartbeatFile,
  isWholeDayKey,
  type NamedFile,
  parseHeartbeatKey,
  readHeartbeat,
} from '@ceres/storage/internal';

/** A heartbeat, with all its files. */
export interface Said extends Pick<Heartbeat, 'key' | 'statement'> {
  readonly isWholeDay: boolean;
  readonly stored: readonly NamedFile[];
  readonly pending: readonly Exclude<HeartbeatFile, NamedFile>[];
}

/** What a bucket holds. */
export interface ReadLedger {
  /** Sorted by their ids. */
  readonly heartbeats: readonly Said[];
  /** Every file that a heartbeat names as stored, by its key. */
  readonly named: ReadonlyMap<string, NamedFile>;
  /** The objects that are not heartbeats, by their keys. */
  readonly files: ReadonlyMap<string, ObjectInfo>;
}

/** Reads all heartbeats of a bucket, whenever it created them. */
export async function readLedger(storage: ObjectReader): Promise<ReadLedger> {
  const heartbeats: Said[] = [];
  const files = new Map<string, ObjectInfo>();
  for await (const info of storage.list('')) {
    const parts = parseHeartbeatKey(info.key);
    if (parts === undefined) {
      files.set(info.key, info);
      continue;
    }
    const heartbeat = await readHeartbeat(storage, { ...info, createdMs: Number.MAX_SAFE_INTEGER });
    const all: HeartbeatFile[] = [];
    for await (const file of heartbeat.files()) all.push(file);
    heartbeats.push({
      key: info.key,
      statement: heartbeat.statement,
      isWholeDay: isWholeDayKey(parts),
      stored: all.filter((file) => file.state === 'stored'),
      pending: all.filter((file) => file.state !== 'stored'),
    });
  }
  heartbeats.sort((a, b) => (a.statement.id < b.statement.id ? -1 : 1));
  const named = new Map(heartbeats.flatMap(({ stored }) => stored.map((file) => [file.key, file])));
  return { heartbeats, named, files };
}

/** Says where the ledger and the bucket differ. `mayLack`: a disk was faulty or thrown away, so that the ledger may lack a file. */
export function auditLedger({ named, files }: ReadLedger, mayLack: boolean): string[] {
  const violations: string[] = [];
  for (const { key, sizeBytes } of named.values()) {
    const found = files.get(key);
    if (found === undefined) violations.push(`${key} is named, and was never stored`);
    else if (sizeBytes !== undefined && sizeBytes !== found.sizeBytes) {
      violations.push(`${key} is named with ${sizeBytes} bytes, and has ${found.sizeBytes}`);
    }
  }
  if (mayLack) return violations;
  for (const key of files.keys()) if (!named.has(key)) violations.push(`${key} is stored, and no heartbeat names it`);
  return violations;
}

/** Returns a bucket's objects as a storage. */
export function readerOf(objects: ReadonlyMap<string, Buffer>): ObjectReader {
  return {
    async *list() {
      for (const [key, { byteLength }] of objects) yield { key, sizeBytes: byteLength, createdMs: 0 };
    },
    async *get(key) {
      const bytes = objects.get(key);
      if (bytes !== undefined) yield bytes;
    },
  };
}
