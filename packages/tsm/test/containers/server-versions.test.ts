import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import type { ShardContainer } from '../../src/containers/contract';
import { DirectoryNames } from '../../src/containers/data-directory/directory-names';
import { openDataDirectory } from '../../src/containers/data-directory/open-data-directory';
import { openPortableFolder } from '../../src/containers/portable/portable-folder';
import { joinKey } from '../../src/files/key';
import { readSeriesFile } from '../../src/names/series-file';
import { readAnswers } from '../fixtures/answers';
import { temporaryFolders, unpack } from '../fixtures/unpack';
import { contentOf, expectAnswers } from './shard-content';

const folder = temporaryFolders();
const measurements = ['counters', 'cpu', 'edge', 'flags', 'odd_name', 'text'];

/** Expects what the server of that index answered: `inmem` knows the tag `dc` of the other policy too. */
async function expectWhole(container: ShardContainer, index: string): Promise<void> {
  const keep = await contentOf(container, 'keep');
  for (const one of measurements) {
    expectAnswers(keep, one.replace('odd_name', 'odd\\ name'), await readAnswers(`keep.${one}.json.gz`));
  }
  expectAnswers(await contentOf(container, 'hours'), 'cpu', await readAnswers(`hours.cpu.${index}.json.gz`));

  // One field with a type of its own in each shard: the columns are the casts to integer, float, string and boolean.
  const casts = await readAnswers('keep.two_types.by-type.json.gz');
  const points = keep.get('two_types v');
  expect(points?.size).toBe(13);
  for (const [time, [type, value]] of points ?? []) {
    const cast = (column: string) => casts.get(`two_types ${column}`)?.get(time);
    if (type === 'boolean') expect(cast('v_3')).toBe(value);
    else if (type === 'string') expect(cast('v_2')).toBe(Buffer.from(value as Uint8Array).toString());
    else expect(cast(type === 'integer' ? 'v' : 'v_1')).toEqual({ number: String(value) });
  }
  const types = new Set(Array.from(points?.values() ?? [], ([type]) => type));
  expect([...types].sort()).toEqual(['boolean', 'float', 'integer', 'string']);
}

describe.each(['1.6.7-inmem', '1.8.10-tsi1', '1.11.8-inmem', '1.12.4-tsi1'])(
  'a portable backup by InfluxDB %s',
  (version) => {
    it('holds what that server answered to queries, by type, and its metadata', async () => {
      const container = await openPortableFolder(await unpack(`backup-${version}.tar`, await folder()));
      await expectWhole(container, version.split('-')[1] as string);
      expect(container.meta).toMatchObject({ shardIdMax: 33, shardGroupIdMax: 33 });
      const [database] = container.meta?.databases ?? [];
      expect(database).toMatchObject({
        name: 'odd',
        defaultRetentionPolicy: 'keep',
        continuousQueries: [{ name: 'cq1' }],
      });
      const policies = new Map(database?.retentionPolicies.map((policy) => [policy.name, policy]));
      const day = 86_400_000_000_000n;
      expect(policies.get('keep')).toMatchObject({ durationNs: 0n, shardGroupDurationNs: 7n * day, replication: 1 });
      expect(policies.get('hours')).toMatchObject({ durationNs: 3640n * day, shardGroupDurationNs: day });
      const ids = policies.get('keep')?.shardGroups.flatMap(({ shardIds }) => shardIds);
      expect(ids?.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
      expect(policies.get('hours')?.shardGroups.find(({ id }) => id === 17)).toEqual({
        id: 17,
        startNs: 1_767_225_600_000_000_000n,
        endNs: 1_767_225_600_000_000_000n + day,
        shardIds: [17],
      });
    });
  },
);

describe.each(['1.6.7-inmem', '1.12.4-tsi1'])('a data directory of InfluxDB %s', (version) => {
  it('holds what that server answered to queries, by type', async () => {
    const root = await unpack(`data-${version}.tar.gz`, await folder());
    // What is not a shard: an unfinished backup.
    await mkdir(join(root, 'data/odd/keep/1.tmp'));
    const container = await openDataDirectory(join(root, 'data'));
    expect(container.meta).toBeUndefined();
    expect(container.shards).toHaveLength(33);
    await expectWhole(container, version.split('-')[1] as string);
  });

  it('has every series in its series file, and every field with its type in the index of its shard', async () => {
    const root = await unpack(`data-${version}.tar.gz`, await folder());
    const series = await readSeriesFile(join(root, 'data/odd/_series'), nodeFileSystem);
    expect(series?.size).toBeGreaterThan(10);
    const names = new DirectoryNames(join(root, 'data'), nodeFileSystem);
    let keys = 0;
    for (const stored of (await openDataDirectory(join(root, 'data'))).shards) {
      const known = await names.of('odd', join(root, 'data/odd', stored.retentionPolicy, String(stored.id)));
      const shard = await stored.open();
      for await (const { seriesKey, field, column } of shard.columns()) {
        keys += 1;
        const key = joinKey(seriesKey, field);
        expect(known.doubt(key, column.type)).toBeUndefined();
        expect(known.doubt(key, column.type === 'float' ? 'integer' : 'float')).toMatch(
          / has the type .* in fields\.idx/,
        );
        expect(known.doubt(joinKey(seriesKey, Buffer.from('no such')), column.type)).toMatch(/has no field/);
        expect(known.doubt(joinKey(Buffer.from('no_such'), field), column.type)).toMatch(/has no series/);
      }
      await shard.close();
    }
    expect(keys).toBeGreaterThan(60);
  });
});
