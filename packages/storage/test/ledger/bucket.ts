import { utcDay } from '@ceres/internal';
import type { CallOptions, ObjectInfo, ObjectReader } from '../../src/contract';
import { StorageError } from '../../src/errors';
import type { HeartbeatStatement, NamedFile, PendingFile } from '../../src/heartbeat/contents';
import { encodeHeartbeat } from '../../src/heartbeat/encode-heartbeat';
import { formatNamedFile } from '../../src/heartbeat/format-lines';
import { formatHeartbeatKey } from '../../src/heartbeat/heartbeat-key';
import { compareKeys } from '../../src/keys/compare-keys';
import { formatKey, type Partition } from '../../src/keys/format-key';

export const minute = 60_000;
export const hour = 60 * minute;
export const startMs = Date.UTC(2026, 10, 26, 12);
export const site6: Partition = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: 'rp' };

/** A bucket that says when each object was created, so that tests need no clock. */
export class Bucket implements ObjectReader {
  readonly objects = new Map<string, { bytes: Uint8Array; createdMs: number }>();
  /** The keys of all objects that were read. */
  readonly read: string[] = [];

  put(key: string, bytes: Uint8Array, createdMs: number): void {
    this.objects.set(key, { bytes, createdMs });
  }

  async *list(prefix: string, { startAfter = '' }: { readonly startAfter?: string } = {}): AsyncGenerator<ObjectInfo> {
    for (const key of [...this.objects.keys()].sort(compareKeys)) {
      const object = this.objects.get(key);
      if (object === undefined || !key.startsWith(prefix) || compareKeys(key, startAfter) <= 0) continue;
      yield { key, sizeBytes: object.bytes.byteLength, createdMs: object.createdMs };
    }
  }

  async *get(key: string, _options?: CallOptions): AsyncGenerator<Uint8Array> {
    this.read.push(key);
    const object = this.objects.get(key);
    if (object === undefined) throw new StorageError('NOT_FOUND', `There is no ${key}.`);
    yield object.bytes;
  }
}

let issued = 0;

/** Returns a UUIDv7 of this moment. */
export function uuid(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  issued += 1;
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${issued.toString(16).padStart(12, '0')}`;
}

/** What a sink does, without a sink: it stores files, and says so. */
export class ScriptedSink {
  readonly sink: string;
  readonly bucket: Bucket;
  readonly instance: string;
  /** The files stored since the last heartbeat, and all of them by day. */
  unsaid: NamedFile[] = [];
  readonly byDay = new Map<string, NamedFile[]>();
  previous: string | undefined;
  #lastDay: string | undefined;

  constructor(bucket: Bucket, sink: string, instance = site6.instance) {
    this.bucket = bucket;
    this.sink = sink;
    this.instance = instance;
  }

  /** Stores a file of 100 lines whose timestamps are the hour before. */
  store(atMs: number, partition: Partition = site6): NamedFile {
    const key = formatKey({ ...partition, day: utcDay(atMs), id: uuid(atMs) });
    const bytes = Buffer.from(`the content of ${key}`);
    this.bucket.put(key, bytes, atMs);
    const toNs = BigInt(atMs) * 1_000_000n;
    const file: NamedFile = {
      state: 'stored',
      key,
      sizeBytes: bytes.byteLength,
      md5: 'XUFAKrxLKna5cZ2REBfFkg==',
      lines: 100,
      fromNs: toNs - 3_600_000_000_000n,
      toNs,
    };
    this.unsaid.push(file);
    const day = utcDay(atMs);
    this.byDay.set(day, [...(this.byDay.get(day) ?? []), file]);
    return file;
  }

  /** Says what was stored; after the end of a day, first restates that day. Returns the keys of the heartbeats. */
  async say(
    atMs: number,
    { pending = [], skewMs = 0, ...changed }: Partial<HeartbeatStatement> & Saying = {},
  ): Promise<string[]> {
    const day = utcDay(atMs);
    const keys: string[] = [];
    if (this.#lastDay !== undefined && this.#lastDay < day) {
      const whole = this.byDay.get(this.#lastDay) ?? [];
      keys.push(await this.#put(atMs, { day: this.#lastDay, isWholeDay: true, skewMs }, whole, []));
      this.unsaid = this.byDay.get(day) ?? [];
    }
    this.#lastDay = day;
    keys.push(await this.#put(atMs, { day, skewMs, ...changed }, this.unsaid, pending));
    this.unsaid = [];
    return keys;
  }

  async #put(
    createdMs: number,
    { skewMs = 0, ...changed }: Partial<HeartbeatStatement> & Saying & { readonly day: string },
    stored: readonly NamedFile[],
    pending: readonly PendingFile[],
  ): Promise<string> {
    const atMs = createdMs + skewMs;
    const id = uuid(createdMs);
    const statement: HeartbeatStatement = {
      instance: this.instance,
      sink: this.sink,
      id,
      previous: this.previous,
      writer: '019ab0c8-5a00-7000-8000-000000000001',
      isWholeDay: false,
      part: 1,
      parts: 1,
      atMs,
      storedUpToMs: atMs - minute,
      nextDueByMs: changed.isLast ? undefined : atMs + 5 * minute,
      isLast: false,
      open: pending.filter(({ state }) => state === 'open').length,
      spooled: pending.filter(({ state }) => state === 'spooled').length,
      parked: pending.filter(({ state }) => state === 'parked').length,
      unnamed: 0,
      ...changed,
    };
    const files = { stored: stored.map(formatNamedFile), storedCount: stored.length, pending };
    const key = formatHeartbeatKey(statement);
    this.bucket.put(key, await encodeHeartbeat(statement, files), createdMs);
    this.previous = id;
    return key;
  }
}

interface Saying {
  readonly pending?: readonly PendingFile[];
  /** How far the clock of the sink is ahead of the storage's. */
  readonly skewMs?: number;
}
