import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Bucket, ScriptedSink } from '../../../storage/test/ledger/bucket';
import { columnOf } from '../../../tsm/test/columns';
import { tsmBytes } from '../../../tsm/test/files/memory-file';
import { temporaryFolders } from '../../../tsm/test/fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../../../tsm/test/names/name-files';
import { flip, writeFiles } from '../../../tsm/test/salvage/damaged-directory';
import { ceres } from '../support/in-process';

const folder = temporaryFolders();
const sinkId = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const file = 'data/db/rp/12/000000001-000000001.tsm';

/** A data directory of two series, each with one block of its own. */
async function dataDirectory(): Promise<string> {
  const root = await folder();
  const field = (host: string, value: number) =>
    [`cpu,host=${host}`, 'f', columnOf('float', [[7n, value] as const, [8n, value] as const])] as const;
  await writeFiles(root, {
    [file]: await tsmBytes([field('a', 1), field('b', 2)]),
    'data/db/rp/12/fields.idx': fieldsIndexBytes({ cpu: { f: 'float' } }),
    'wal/x': '',
  });
  await writeSeriesFile(join(root, 'data/db/_series'), ['cpu', { host: 'a' }], ['cpu', { host: 'b' }]);
  return root;
}

/** Returns the words of a seed of a data directory into a backup beside it. */
const seedOf = (root: string, ...more: string[]) => [
  'seed',
  join(root, 'backup'),
  ...['--instance', 'i', '--source', join(root, 'data'), '--work-dir', join(root, 'work'), ...more],
];

it('a dry run of a seed checks a data directory: it exits with 3 and names what it could not read, and stores nothing', async () => {
  const root = await dataDirectory();
  const check = () => ceres(seedOf(root, '--dry-run'));
  const sound = await check();
  expect([sound.exitCode, sound.stderr]).toEqual([0, '']);
  expect(sound.stdout).toContain('4 points of 2 series in 1 shard.');
  expect(sound.stdout).not.toContain('Not in the seed');

  const before = await readFile(join(root, file));
  await flip(join(root, file), 12); // in the first block, behind its checksum
  expect(await readFile(join(root, file))).not.toEqual(before);
  const damaged = await check();
  expect([damaged.exitCode, damaged.stderr]).toEqual([3, '']);
  expect(damaged.stdout).toContain('2 points of 1 series in 1 shard.');
  expect(damaged.stdout).toMatch(
    /^Not in the seed: db\.rp, shard 12: .*000000001-000000001\.tsm.*cpu,host=a.*1970-01-01T00:00:00/m,
  );
  expect((await ceres(['ls', join(root, 'backup')])).exitCode).toBe(1);
});

it('a later seed goes on without a silent sink that is named with --retired', async () => {
  const root = await dataDirectory();
  const bucket = new Bucket();
  const heartbeatMs = Date.now() - 3_600_000;
  const [heartbeat = ''] = await new ScriptedSink(bucket, sinkId, 'i').say(heartbeatMs);
  await writeFiles(join(root, 'backup'), { [heartbeat]: bucket.objects.get(heartbeat)?.bytes ?? '' });
  await utimes(join(root, 'backup', heartbeat), heartbeatMs / 1_000, heartbeatMs / 1_000);
  const refused = await ceres(seedOf(root, '--again'));
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringMatching(new RegExp(`--retired ${sinkId}.*AGAIN_REFUSED`)),
  ]);
  const seeded = await ceres(seedOf(root, '--again', '--retired', sinkId));
  expect([seeded.exitCode, seeded.stderr]).toEqual([0, '']);
  expect(seeded.stdout).toContain('Seeded 4 points of 1 shard');
});
