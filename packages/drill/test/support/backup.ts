import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, type BackupSinkOptions } from '@ceres/backup-sink';
import { type Clock, MemoryStorage, type ObjectWriter } from '@ceres/storage';

export const instance = 'influxdb-0';
export const dayMs = 86_400_000;

/** What one session of a sink writes. */
export interface Writes {
  /** When it writes, in ms since the epoch. Default: now. */
  readonly atMs?: number;
  /** Default: the instance of these tests. */
  readonly of?: string;
  readonly databases?: readonly string[];
  readonly policies?: readonly string[];
  /** Lines for each policy of each database. */
  readonly lines?: number;
  readonly options?: Partial<BackupSinkOptions>;
}

/** Writes a backup as sinks do, with heartbeats. A session of a sink for each of the writes, one after the other. */
export async function writeBackup(storage: ObjectWriter, ...sessions: readonly Writes[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-drill-test-'));
  try {
    for (const [
      n,
      { atMs = Date.now(), databases = ['db_0'], policies = ['rp_5d'], lines = 20, options, of = instance },
    ] of sessions.entries()) {
      const sink = await BackupSink.open({
        storage,
        spoolDir: join(folder, 'spool'),
        precision: 's',
        clock: shifted(atMs - Date.now()),
        policies: () => ({ duration: '5d', shardDuration: '1d' }),
        ...options,
      });
      for (const database of databases) {
        for (const retentionPolicy of policies) {
          await sink.write(
            { instance: of, database, retentionPolicy },
            { lines: linesOf(lines, atMs, n), precision: 's' },
          );
        }
      }
      await sink.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns lines of several types and series, a second apart. */
export function linesOf(count: number, atMs: number, session = 0): string {
  const startS = Math.floor(atMs / 1000);
  const line = (i: number) =>
    `m,host=h${i % 5} v=${session + i / 3},n=${i}i,s="${session} \\"${i}\\"",b=${i % 2 === 0} ${startS + i}\n`;
  return Array.from({ length: count }, (_, i) => line(i)).join('');
}

/** Returns a backup in memory of two days and two databases. */
export async function backupInMemory(...sessions: readonly Writes[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const databases = ['db_0', 'db_1'];
  const two = [
    { atMs: Date.now() - 3 * dayMs, databases },
    { atMs: Date.now() - 2 * dayMs, databases },
  ];
  await writeBackup(storage, ...(sessions.length === 0 ? two : sessions));
  return storage;
}

/** Returns the keys of the files of a backup. */
export async function filesOf(storage: Pick<MemoryStorage, 'list'>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(`${instance}/`)) keys.push(key);
  return keys;
}

function shifted(offsetMs: number): Clock {
  return {
    now: () => Date.now() + offsetMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        const onAbort = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
  };
}
