import { createHash } from 'node:crypto';
import { backupStatus } from '@ceres/restore';
import { formatKey, MemoryStorage, type ObjectInfo, type ObjectReader } from '@ceres/storage';
import {
  encodeHeartbeat,
  formatHeartbeatKey,
  formatNamedFile,
  type HeartbeatStatement,
  heartbeatLimits,
} from '@ceres/storage/internal';
import { report } from '@ceres/testkit';

const bench = 'status';
const files = 1_000_000;
const filesADay = heartbeatLimits.filesMax;
const days = files / filesADay;
const partitions = 50;
const sinks = 10_000;
const instance = 'influxdb-0.influxdb';
const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const dayMs = 86_400_000;
const firstMs = Date.UTC(2026, 0, 1);
const sizeBytes = 12_345;
const md5 = createHash('md5').digest('base64');

/** Measures how much memory `ceres status` takes for a million files that ledgers name, and how fast it is. */
export async function run(): Promise<void> {
  const heartbeats: Uint8Array[] = [];
  for (let day = 0; day < days; day += 1) heartbeats.push(await heartbeat(day));
  const before = live();
  let peak = before;
  await survey(
    new GeneratedBucket(heartbeats, () => {
      peak = Math.max(peak, live());
    }),
  );
  const started = performance.now();
  await survey(new GeneratedBucket(heartbeats, () => undefined));
  const seconds = (performance.now() - started) / 1000;
  report({ bench, case: 'status-heap-mb', unit: 'MB', ours: (peak - before) / 1e6 });
  report({ bench, case: 'status-files-per-second', unit: 'files/s', ours: files / seconds });
  await manySinks();
}

/** Measures how long the heartbeats of 10,000 sinks take, one for each. */
async function manySinks(): Promise<void> {
  const storage = new MemoryStorage();
  const atMs = Date.now();
  for (let n = 0; n < sinks; n += 1) {
    const said = { ...statementOf(0), sink: uuid(0, n), id: uuid(atMs, n), day: utcDay(atMs), isWholeDay: false, atMs };
    const bytes = await encodeHeartbeat(said, { stored: [], storedCount: 0, pending: [] });
    await storage.put(formatHeartbeatKey(said), {
      sizeBytes: bytes.byteLength,
      async *open() {
        yield bytes;
      },
    });
  }
  const started = performance.now();
  const { instances } = await backupStatus({ storage });
  const seconds = (performance.now() - started) / 1000;
  if (instances[0]?.sinks.length !== sinks)
    throw new Error(`Expected ${sinks} sinks, got ${instances[0]?.sinks.length}.`);
  report({ bench, case: 'status-sinks-per-second', unit: 'sinks/s', ours: sinks / seconds });
}

async function survey(storage: ObjectReader): Promise<void> {
  const { isGood, instances } = await backupStatus({ storage });
  const counted = instances[0]?.partitions.reduce((sum, partition) => sum + partition.files, 0);
  if (!isGood || counted !== files) throw new Error(`Expected ${files} good files, got ${counted}.`);
}

/** Returns the bytes of V8's heap and of buffers that are in use. */
function live(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A bucket that makes up its million files while it is listed, so that it takes no memory itself. */
class GeneratedBucket implements ObjectReader {
  readonly #heartbeats: readonly Uint8Array[];
  readonly #watch: () => void;

  constructor(heartbeats: readonly Uint8Array[], watch: () => void) {
    this.#heartbeats = heartbeats;
    this.#watch = watch;
  }

  async *list(prefix: string, { startAfter = '' }: { readonly startAfter?: string } = {}): AsyncGenerator<ObjectInfo> {
    if (prefix === '') yield* this.#files(startAfter);
    for (const [day, { byteLength }] of this.#heartbeats.entries()) {
      const key = heartbeatKey(day);
      if (key > startAfter) yield { key, sizeBytes: byteLength, createdMs: saidMs(day) };
    }
  }

  async *get(key: string): AsyncGenerator<Uint8Array> {
    this.#watch();
    const heartbeat = this.#heartbeats.find((_, day) => heartbeatKey(day) === key);
    if (heartbeat === undefined) throw new Error(`Expected a heartbeat to be read, got ${key}.`);
    yield heartbeat;
  }

  async *#files(startAfter: string): AsyncGenerator<ObjectInfo> {
    for (let partition = 0; partition < partitions; partition += 1) {
      this.#watch();
      for (let n = partition; n < files; n += partitions) {
        const key = fileKey(n);
        if (key > startAfter) yield { key, sizeBytes, createdMs: fileMs(n) };
      }
    }
  }
}

function fileMs(n: number): number {
  return firstMs + Math.floor(n / filesADay) * dayMs + Math.floor((n % filesADay) * (dayMs / filesADay));
}

function fileKey(n: number): string {
  const database = `db_${String(n % partitions).padStart(2, '0')}`;
  return formatKey({ instance, database, retentionPolicy: 'rp', day: utcDay(fileMs(n)), id: uuid(fileMs(n), n) });
}

/** The ledger restates each day at the beginning of the next. */
function saidMs(day: number): number {
  return firstMs + (day + 1) * dayMs + 1000;
}

function heartbeatKey(day: number): string {
  return formatHeartbeatKey({ instance, sink, day: utcDay(firstMs + day * dayMs), id: uuid(saidMs(day), 0) });
}

function statementOf(day: number): HeartbeatStatement {
  return {
    instance,
    sink,
    id: uuid(saidMs(day), 0),
    previous: day === 0 ? undefined : uuid(saidMs(day - 1), 0),
    writer: sink,
    day: utcDay(firstMs + day * dayMs),
    isWholeDay: true,
    part: 1,
    parts: 1,
    atMs: saidMs(day),
    storedUpToMs: saidMs(day),
    nextDueByMs: undefined,
    isLast: true,
    open: 0,
    spooled: 0,
    parked: 0,
    unnamed: 0,
  };
}

async function heartbeat(day: number): Promise<Uint8Array> {
  function* stored() {
    for (let n = day * filesADay; n < (day + 1) * filesADay; n += 1) {
      const toNs = BigInt(fileMs(n)) * 1_000_000n;
      const known = { sizeBytes, md5, lines: 1000, fromNs: toNs - 60_000_000_000n, toNs };
      yield formatNamedFile({ state: 'stored', key: fileKey(n), ...known });
    }
  }
  return await encodeHeartbeat(statementOf(day), { stored: stored(), storedCount: filesADay, pending: [] });
}

function uuid(ms: number, n: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}
