import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ByteSource,
  ColumnBuffer,
  fileSource,
  joinKey,
  openShard,
  type Shard,
  ShardWriter,
  tsmFileName,
} from '@ceres/tsm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ScratchFolder } from '../../src/compile/shards/scratch-folder';
import { missingValues } from '../../src/native/shard/fill';

let folder = '';
let scratch: ScratchFolder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-missing-'));
  scratch = await ScratchFolder.create(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A shard of integers: by series, the times at which `v` has a value. */
async function shardOf(times: Readonly<Record<string, readonly number[]>>): Promise<Shard> {
  const opened: Promise<ByteSource>[] = [];
  const writer = new ShardWriter((name) => scratch.begin(name, (file) => opened.push(fileSource(file.path))));
  for (const [series, some] of Object.entries(times)) {
    const column = new ColumnBuffer('integer', some.length);
    for (const time of some) column.push(BigInt(time), BigInt(time));
    await writer.write(joinKey(Buffer.from(series), Buffer.from('v')), column);
  }
  await writer.finish();
  return openedShard(await Promise.all(opened));
}

function openedShard(sources: readonly ByteSource[]): Promise<Shard> {
  return openShard({ files: sources.map((source) => ({ name: tsmFileName({ generation: 0, sequence: 1 }), source })) });
}

it('is what a shard lacks: no value of a series and time that it has', async () => {
  const ours = await shardOf({ a: [1, 2, 3, 4], b: [1, 2], c: [7] });
  const theirs = await shardOf({ a: [2, 4, 5], aa: [1], c: [7], d: [1] });
  const { files, values, remove } = await missingValues(ours, theirs, scratch);
  expect(values).toBe(4);
  const left = await openedShard(await Promise.all(files.map((file) => file.open())));
  const found: string[] = [];
  for await (const { seriesKey, column } of left.columns()) {
    found.push(`${Buffer.from(seriesKey)} ${column.times.slice(0, column.length).join(' ')}`);
  }
  expect(found).toEqual(['a 1 3', 'b 1 2']);
  await left.close();
  const before = await readdir(scratch.path);
  await remove();
  expect((await readdir(scratch.path)).length).toBe(before.length - 1);
  const nothing = await missingValues(ours, ours, scratch);
  expect([nothing.files.length, nothing.values]).toEqual([0, 0]);
});
