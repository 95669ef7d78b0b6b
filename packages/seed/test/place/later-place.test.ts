import { join } from 'node:path';
import { MemoryStorage, type ObjectInfo, parseKey } from '@ceres/storage';
import { expect, it } from 'vitest';
import { compareKeys } from '../../../storage/src/keys/compare-keys';
import { Bucket, hour, minute, ScriptedSink, uuid } from '../../../storage/test/ledger/bucket';
import { temporaryFolders, unpack } from '../../../tsm/test/fixtures/unpack';
import { type SeedOptions, seed } from '../../src/index';

const folder = temporaryFolders();
const instance = 'influxdb-0';
const sinkId = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const otherId = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c12';
/** The clock stands still here. */
const nowMs = Date.UTC(2026, 10, 26, 12);
const clock = { now: () => nowMs, sleep: async () => undefined };

/** A backup into which scripted sinks store beside a seed. */
class SharedStorage extends MemoryStorage {
  readonly bucket = new Bucket();
  onFirstPut: (() => Promise<void>) | undefined;

  override async put(...given: Parameters<MemoryStorage['put']>): Promise<'created' | 'exists'> {
    const onFirstPut = this.onFirstPut;
    this.onFirstPut = undefined;
    await onFirstPut?.();
    return await super.put(...given);
  }

  override async *list(...given: Parameters<MemoryStorage['list']>): AsyncGenerator<ObjectInfo> {
    const all: ObjectInfo[] = [];
    for await (const info of this.bucket.list(...given)) all.push(info);
    for await (const info of super.list(...given)) all.push(info);
    yield* all.sort((a, b) => compareKeys(a.key, b.key));
  }

  override async *get(...given: Parameters<MemoryStorage['get']>): AsyncGenerator<Uint8Array> {
    const own = this.bucket.objects.has(given[0]);
    yield* own ? this.bucket.get(given[0]) : super.get(...given);
  }
}

/** A file that takes lines since a time. */
const openFile = (sinceMs: number) => ({
  state: 'open' as const,
  key: `${instance}/db/keep/20261126/${uuid(sinceMs)}.gz`,
  sinceMs,
});

async function laterSeed(storage: SharedStorage, more: Partial<SeedOptions> = {}): Promise<SeedOptions> {
  const source = await unpack('backup-1.8.10-tsi1.tar', await folder());
  const workDir = join(await folder(), 'work');
  return { storage, instance, source, workDir, retentionPolicies: ['keep'], clock, again: true, ...more };
}

async function keysOf(storage: SharedStorage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

const refusal = (sink: string, why: string) => ({
  code: 'AGAIN_REFUSED',
  message: expect.stringMatching(new RegExp(`sink ${sink} ${why}`)),
});

/** The times in the names of the files of the seed, each once. */
async function placesOf(storage: SharedStorage): Promise<number[]> {
  const ids = (await keysOf(storage, `${instance}/`)).map((key) => parseKey(key)?.id ?? '');
  return [...new Set(ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)))];
}

it('a sink that is silent is in the way of a later seed until it is retired: then the files that it had open do not count', async () => {
  const storage = new SharedStorage();
  const silent = new ScriptedSink(storage.bucket, sinkId);
  await silent.say(nowMs - hour, { pending: [openFile(nowMs - 2 * hour)] });
  const going = new ScriptedSink(storage.bucket, otherId);
  await going.say(nowMs - minute, { pending: [openFile(nowMs - 10 * minute)] });
  const options = await laterSeed(storage);
  await expect(seed(options)).rejects.toMatchObject(
    refusal(sinkId, `is silent: its heartbeat was due at 2026-11-26T11:05:00.000Z.*--retired ${sinkId}`),
  );
  await expect(seed({ ...options, retired: [otherId] })).rejects.toMatchObject(refusal(sinkId, 'is silent'));
  expect(await keysOf(storage, `${instance}/`)).toEqual([]);
  const report = await seed({ ...options, retired: [sinkId] });
  expect(await keysOf(storage, '~seed/')).toEqual([report.manifest]);
  expect(await placesOf(storage)).toEqual([nowMs - 10 * minute - 1]);
});

/** Lets a sink that was not there before say, while the seed stores its first file, which file it has open. */
function sinkBegins(storage: SharedStorage, openSinceMs: number): void {
  const sink = new ScriptedSink(storage.bucket, sinkId);
  storage.onFirstPut = async () => {
    await sink.say(nowMs, { pending: [openFile(openSinceMs)] });
  };
}

it('a sink that begins while a later seed is made, with an older file open, takes its place away: the seed is not finished, and begins again elsewhere', async () => {
  const storage = new SharedStorage();
  const before = new ScriptedSink(storage.bucket, otherId);
  await before.say(nowMs - minute, { pending: [openFile(nowMs - 10 * minute)] });
  const options = await laterSeed(storage);
  sinkBegins(storage, nowMs - 10 * minute - 1);
  const taken = refusal(sinkId, 'began while the seed was made.*Remove the work folder');
  await expect(seed(options)).rejects.toMatchObject(taken);
  await expect(seed(options)).rejects.toMatchObject(taken); // the work folder keeps the place
  expect([await keysOf(storage, '~seed/'), await keysOf(storage, '~schema/')]).toEqual([[], []]);
  expect(await placesOf(storage)).toEqual([nowMs - 10 * minute - 1]);

  const workDir = join(await folder(), 'work');
  const report = await seed({ ...options, workDir });
  expect(await keysOf(storage, '~seed/')).toEqual([report.manifest]);
  expect(await placesOf(storage)).toEqual([nowMs - 10 * minute - 2, nowMs - 10 * minute - 1]);
});

it.each([
  ['whose files are all newer', nowMs - 10 * minute, []],
  ['that is retired', nowMs - 11 * minute, [sinkId]],
])('a sink that begins while a later seed is made, %s, leaves the seed its place', async (_, openSinceMs, retired) => {
  const storage = new SharedStorage();
  const before = new ScriptedSink(storage.bucket, otherId);
  await before.say(nowMs - minute, { pending: [openFile(nowMs - 10 * minute)] });
  const options = await laterSeed(storage, { retired });
  sinkBegins(storage, openSinceMs);
  const report = await seed(options);
  expect(await keysOf(storage, '~heartbeat/')).toHaveLength(2); // it has begun
  expect(await keysOf(storage, '~seed/')).toEqual([report.manifest]);
});
