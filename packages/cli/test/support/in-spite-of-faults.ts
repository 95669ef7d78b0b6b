import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { systemClock } from '@ceres/internal';
import type { ObjectWriter } from '@ceres/storage';
import { type FakeBucket, startInfluxd } from '@ceres/testkit';
import { expect, onTestFinished, vi } from 'vitest';
import { ceres } from './in-process';

const instance = 'influxdb-0';
const databases = ['db_0', 'db_1'];
const rounds = 4;
const lines = 300;

/** What goes wrong with a store in a year, each of it once. `busy` is the store's own word for a 503. */
export const faultsOf = (busy: string) =>
  [
    { kind: 'status', status: 500, code: 'InternalError' },
    { kind: 'status', status: 503, code: busy },
    { kind: 'reset' },
    { kind: 'lose-reply' },
  ] as const;

type Fault = ReturnType<typeof faultsOf>[number];

/** A fake store, in the words that those of all vendors share. */
export interface FaultyStore<Method extends string> {
  readonly log: readonly { readonly method: string; readonly status: number | undefined }[];
  clearLog(): void;
  clearFaults(): void;
  bucket(): FakeBucket;
  inject(fault: Fault & { readonly on?: Method }): void;
}

/** Backs up a few files of each database, with `between` called between two writes. */
export async function backUp(storage: ObjectWriter, between: (round: number) => void = () => undefined): Promise<void> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-faults-'));
  onTestFinished(() => rm(spoolDir, { recursive: true }));
  const clock = { now: Date.now, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal) };
  const policies = () => ({ duration: '0s', replication: 1, isDefault: true });
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's', clock, policies });
  for (let round = 0; round < rounds; round += 1) {
    between(round);
    for (const database of databases) {
      const text = Array.from({ length: lines }, (_, i) => `m,r=${round} v=${i} ${1_700_000_000 + i}\n`).join('');
      await sink.write({ instance, database }, { lines: text, precision: 's' });
    }
    await sink.flush();
  }
  expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  expect((await readdir(spoolDir, { recursive: true })).filter((name) => /\.(lp|gz)/.test(name))).toEqual([]);
}

/** Expects that the files of a backup with the prefix `eu`, all of them, are in the bucket. */
export function expectAllFiles(bucket: FakeBucket): void {
  expect(bucket.names().filter((name) => name.startsWith(`eu/${instance}/`))).toHaveLength(rounds * databases.length);
}

/** Expects that whatever was sent of an object was the same, and that it is what is stored. */
export function expectOneBodyOfEach(
  sent: readonly { readonly name: string; readonly sha256?: string | undefined }[],
  bucket: FakeBucket,
): void {
  const bodies = new Map<string, Set<string>>();
  for (const { name, sha256 } of sent) {
    if (sha256 !== undefined) bodies.set(name, (bodies.get(name) ?? new Set()).add(sha256));
  }
  expect([...bodies].filter(([, { size }]) => size !== 1)).toEqual([]);
  // A heartbeat that could not be stored in time is given up: the next one says the same, and more.
  const files = [...bodies.keys()].filter((name) => !name.startsWith('eu/~heartbeat/'));
  expect(files.filter((name) => bucket.get(name) === undefined)).toEqual([]);
  expect(files).toHaveLength(rounds * databases.length);
  for (const name of bucket.names()) expect(bucket.get(name)?.generation).toBe(1);
}

/** Expects that `ls`, `check`, `restore` and `verify` end well, although every kind of request that they make fails first. */
export async function expectRestored<Method extends string>(
  fake: FaultyStore<Method>,
  {
    url,
    faults,
    list,
    get,
  }: { readonly url: string; readonly faults: readonly Fault[]; readonly list: Method; readonly get: Method },
): Promise<void> {
  const server = await startInfluxd();
  const folder = await mkdtemp(join(tmpdir(), 'ceres-faults-restore-'));
  vi.spyOn(Math, 'random').mockReturnValue(0); // the pauses between attempts
  onTestFinished(async () => {
    vi.restoreAllMocks();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  const inSpite = async (...argv: string[]) => {
    fake.clearLog();
    for (const fault of faults.slice(0, 3)) for (const on of [list, get]) fake.inject({ ...fault, on });
    const outcome = await ceres(argv);
    fake.clearFaults();
    expect(fake.log.filter(({ method }) => method !== list && method !== get)).toEqual([]);
    expect(fake.log.map(({ status }) => status)).toEqual(expect.arrayContaining([500, 503, undefined]));
    expect(outcome).toMatchObject({ exitCode: 0 });
    return outcome.stdout;
  };
  const source = [url, '--instance', instance];
  expect(await inSpite('ls', url)).toContain(instance);
  await inSpite('check', ...source);
  const own = ['--journal-file', join(folder, 'journal'), '--rejects-dir', join(folder, 'rejects')];
  await inSpite('restore', ...source, '--to', server.url, ...own);
  expect(await inSpite('verify', ...source, '--to', server.url)).toContain('EQUAL');
}
