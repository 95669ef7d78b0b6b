import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certainlyInOrder } from '../../src/salvage/rescue/order';
import { columnOf } from '../columns';
import { keyOf, type TestField, tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../names/name-files';
import { flip, salvage, writeFiles } from './damaged-directory';

const folder = temporaryFolders();
const shard = 'data/db/rp/12';
const first = `${shard}/000000001-000000001.tsm`;
const second = `${shard}/000000002-000000001.tsm`;
const field = (series: string, name: string, value: number): TestField => [
  series,
  name,
  columnOf('float', [[1n, value]]),
];
const hosts = ['a', 'c', 'e', 'g'];
const all = hosts.map((host, i) => `cpu,host=${host} f 1=${i}`);

async function directory(files: Readonly<Record<string, readonly TestField[]>>): Promise<string> {
  const root = await folder();
  for (const [path, fields] of Object.entries(files)) await writeFiles(root, { [path]: await tsmBytes(fields) });
  await writeFiles(root, { [`${shard}/fields.idx`]: fieldsIndexBytes({ cpu: { f: 'float' } }), 'wal/x': '' });
  await writeSeriesFile(
    join(root, 'data/db/_series'),
    ...['a', 'b', 'c', 'e', 'g'].map((host) => ['cpu', { host }] as const),
  );
  return root;
}

const cpu = () => directory({ [first]: hosts.map((host, i) => field(`cpu,host=${host}`, 'f', i)) });

/** Replaces text in a file by text of the same length. */
async function replace(path: string, from: string, to: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.write(to, bytes.lastIndexOf(from), 'latin1');
  await writeFile(path, bytes);
}

describe('a key in the index of a TSM file', () => {
  it('that is not in the series file, or whose field is not in fields.idx, is doubtful, and its points are handed over', async () => {
    for (const [from, to, reason] of [
      ['host=c#', 'host=d#', /has no series "cpu,host=d"/],
      ['c#!~#f', 'c#!~#g', /fields\.idx has no field "g"/],
    ] as const) {
      const root = await cpu();
      await replace(join(root, first), from, to);
      const found = await salvage(root);
      expect(found.points).toEqual(all.filter((one) => !one.includes('=c ')));
      expect(found.doubtful).toHaveLength(1);
      expect(found.doubtful[0]).toMatch(/ 1=1$/);
      expect(found.doubts[0]).toMatch(reason);
      expect(found.losses).toEqual([]);
    }
  });

  it('that is escaped more than it need be is the series and the measurement without those backslashes', async () => {
    const root = await directory({
      [first]: [field('m\\"\\=x', 'f', 1), field('m\\"\\=x', 'g', 2), field('m\\"\\=x,t=a', 'g', 2)],
    });
    await writeFiles(root, { [`${shard}/fields.idx`]: fieldsIndexBytes({ 'm"=x': { f: 'float', g: 'float' } }) });
    await writeSeriesFile(join(root, 'data/db/_series'), ['m"=x'], ['m"=x', { t: 'a' }]);
    const found = await salvage(root);
    expect(found).toMatchObject({ doubtful: [], losses: [], unchecked: [] });
    expect(found.points).toHaveLength(3);
  });

  it('of another known series that is not in its place is doubtful, with those that it may have changed places with', async () => {
    const root = await cpu();
    await replace(join(root, first), 'host=e#', 'host=b#');
    const found = await salvage(root);
    expect(found.points).toEqual([all[0], all[3]]);
    expect(found.doubtful).toEqual(['cpu,host=c f 1=1', 'cpu,host=b f 1=2']);
    expect(found.doubts).toEqual(['The key is not in its place in the order of the index.']);
    await replace(join(root, first), 'host=b#', 'host=c#');
    expect((await salvage(root)).doubtful).toEqual(['cpu,host=c f 1=1', 'cpu,host=c f 1=2']);
  });

  it('with control bytes is doubtful where no series file says that there is such a series', async () => {
    const root = await cpu();
    await rm(join(root, 'data/db/_series'), { recursive: true });
    await replace(join(root, first), 'host=g#', 'host=\u007f#');
    await flip(join(root, first), 6);
    const found = await salvage(root);
    expect(found.points).toEqual([all[1], all[2]]);
    expect(found.doubts).toEqual(['The key has control characters, or is not UTF-8.']);
    expect(found.unchecked.map(({ file }) => file)).toEqual([join(root, 'data/db/_series')]);
  });

  it('that leads to the block of another key is doubtful, as the other one is', async () => {
    const root = await cpu();
    const bytes = await readFile(join(root, first));
    const keyOfHost = (host: string) => keyOf(`cpu,host=${host}`, 'f');
    const offsetOf = (host: string) => bytes.lastIndexOf(keyOfHost(host)) + keyOfHost(host).length + 3 + 16;
    // All blocks have one size and one time. Behind an entry that is destroyed, nothing tells where the next block begins.
    bytes.fill(0xff, bytes.lastIndexOf(keyOfHost('e')) - 2, offsetOf('e') + 8);
    bytes.copy(bytes, offsetOf('g'), offsetOf('c'), offsetOf('c') + 8);
    await writeFile(join(root, first), bytes);
    const found = await salvage(root);
    expect(found.points).toEqual([all[0]]);
    expect([...found.doubtful].sort()).toEqual(['cpu,host=c f 1=1', 'cpu,host=g f 1=1']);
    expect(found.doubts).toEqual(['Another key leads to the same block.']);
  });
});

describe('names that are kept beside the points', () => {
  it('and are missing or damaged are said once, and are not held against anything', async () => {
    const root = await cpu();
    await rm(join(root, `${shard}/fields.idx`));
    await writeFile(join(root, 'data/db/_series/03/0000'), 'SSEX');
    const found = await salvage(root);
    expect(found.points).toEqual(all);
    expect(found.losses).toEqual([]);
    expect(found.unchecked).toEqual([
      { file: join(root, 'data/db/_series'), reason: expect.stringMatching(/does not begin/) },
      {
        file: join(root, `${shard}/fields.idx`),
        shard: { database: 'db', retentionPolicy: 'rp', id: 12 },
        reason: expect.stringMatching(/missing/),
      },
    ]);
  });

  it('are not believed against several keys that agree: a flipped bit makes one key wrong', async () => {
    const root = await directory({
      [first]: [field('cpu,host=x', 'f', 1), field('cpu,host=a', 'new', 2)],
      [second]: [field('cpu,host=x', 'f', 3), field('cpu,host=c', 'new', 4)],
    });
    const found = await salvage(root);
    expect(found.points).toEqual(['cpu,host=a new 1=2', 'cpu,host=c new 1=4', 'cpu,host=x f 1=3']);
    expect(found.doubtful).toEqual([]);
    expect(found.unchecked.map(({ reason }) => reason)).toEqual([
      'It lacks 1 series that several keys agree on, such as "cpu,host=x".',
      'It contradicts several keys that agree, on 1 fields such as cpu.new.',
    ]);
  });

  it('say which of two types of a field is right; without them it is that of most keys', async () => {
    const integers = columnOf('integer', [[2n, 7n]]);
    const files: Record<string, TestField[]> = {
      [first]: [['cpu,host=a', 'f', integers]],
      [second]: [field('cpu,host=a', 'f', 1), field('cpu,host=c', 'f', 2)],
    };
    const root = await directory(files);
    const points = ['cpu,host=a f 1=1', 'cpu,host=c f 1=2'];
    for (const where of ['in fields.idx', 'in other keys of the shard']) {
      const found = await salvage(root);
      expect(found.points).toEqual(points);
      expect(found.doubtful).toEqual(['cpu,host=a f 2=7']);
      expect(found.doubts[0]).toContain(`has the type float ${where}, and here integer`);
      await rm(join(root, `${shard}/fields.idx`), { force: true });
    }
  });
});

describe('the items of a list that are certainly in order', () => {
  it.each([
    [
      [1, 2, 3],
      [true, true, true],
    ],
    [
      [1, 9, 3, 4],
      [true, false, true, true],
    ],
    [
      [5, 2, 3, 4],
      [false, true, true, true],
    ],
    [
      [1, 3, 2, 4],
      [true, false, false, true],
    ],
    [
      [1, 2, 2, 3],
      [true, false, false, true],
    ],
    [
      [2, 1],
      [false, false],
    ],
    [[], []],
  ])('are, of %j, %j', (list, certain) => {
    expect(certainlyInOrder(list.length, (a, b) => (list[a] as number) - (list[b] as number))).toEqual(certain);
  });
});
