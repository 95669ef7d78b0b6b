import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { expect, it } from 'vitest';
import { openSink, raw, to } from '../sink-harness';

const partitions = 200;

/** The disk, and how many files were given their sealed name at the same time. */
function watchedDisk() {
  const seals = { now: 0, most: 0, all: 0 };
  const fs: FileSystem = {
    ...nodeFileSystem,
    async link(from, to) {
      seals.now += 1;
      seals.all += 1;
      seals.most = Math.max(seals.most, seals.now);
      await nodeFileSystem.link(from, to);
      seals.now -= 1;
    },
  };
  return { fs, seals };
}

it('a sink with many partitions seals a few at once when it closes, so that few become ready in one turn of the event loop', async () => {
  const { fs, seals } = watchedDisk();
  const { sink } = await openSink({ fs });
  const names = Array.from({ length: partitions }, (_, n) => `db_${n}`);
  await Promise.all(names.map((database) => sink.write({ ...to, database }, raw(1))));
  let turns = 0;
  const turn = () => {
    turns += 1;
    timer = setImmediate(turn);
  };
  let timer = setImmediate(turn);
  const { unstoredFiles } = await sink.close();
  clearImmediate(timer);
  expect(unstoredFiles).toBe(0);
  expect(seals.all).toBeGreaterThanOrEqual(partitions);
  expect(seals.most).toBeLessThanOrEqual(40); // 32 that are sealed, and a few that are named before their put
  expect(turns).toBeGreaterThan(partitions / 16);
});
