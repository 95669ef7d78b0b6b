import { readdir } from 'node:fs/promises';
import { type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openSnapshotService } from '../../src/containers/snapshot/open-snapshot-service';
import { SnapshotService } from '../../src/containers/snapshot/snapshot-service';
import { bytesSource } from '../../src/files/byte-source';
import { encodeMeta } from '../../src/meta/encode-meta';
import { columnOf } from '../columns';
import { tsmBytes } from '../files/memory-file';
import { answersOf } from '../fixtures/answers';
import { temporaryFolders } from '../fixtures/unpack';
import { addShard, type Content, expectAnswers } from './shard-content';

const folder = temporaryFolders();
const WEEK_NS = 604_800_000_000_000n;
const START_NS = 1_767_571_200_000_000_000n;
const measurements = ['cpu', 'mem', 'two_types'];

async function write(server: Influxd, lines: readonly string[]): Promise<void> {
  expect(await writeRaw(server.url, 'db', lines.join('\n'), { precision: 'ns' })).toMatchObject({ status: 204 });
}

/** Lines of one week; `two_types` has another type in each. */
function linesOf(week: number, from: number, to: number): string[] {
  const value = (i: number) => [`${i / 7}`, `${i}i`, `"text ${i}"`, i % 2 === 0 ? 'true' : 'false'][week] ?? '';
  return Array.from({ length: to - from }, (_, n) => {
    const i = from + n;
    const time = START_NS + BigInt(week) * WEEK_NS + BigInt(i) * 1_000_000_000n;
    return [
      `cpu,host=h${i % 5} usage=${i / 3},count=${i}i ${time}`,
      `mem,host=h${i % 3} free=${i}i,name="n ${i}" ${time}`,
      `two_types v=${value(i)} ${time}`,
    ];
  }).flat();
}

/** Expects each shard to be, read by us, what the server's queries say of its time. */
async function expectEqual(server: Influxd, scratchDir: string): Promise<void> {
  const url = `tcp://127.0.0.1:${server.rpcPort}`;
  const container = await openSnapshotService(url, { scratchDir, memoryBytesMax: 10_000 });
  const groups = new Map(
    container.meta?.databases
      .flatMap(({ retentionPolicies }) => retentionPolicies.flatMap(({ shardGroups }) => shardGroups))
      .flatMap((group) => group.shardIds.map((id) => [id, group] as const)),
  );
  const here = container.shards.filter(({ database }) => database === 'db');
  expect(here.map(({ retentionPolicy }) => retentionPolicy)).toEqual(Array.from({ length: 4 }, () => 'autogen'));
  for (const stored of here) {
    const { startNs, endNs } = groups.get(stored.id) ?? expect.fail(`The metadata has no shard ${stored.id}.`);
    const content: Parameters<typeof addShard>[0] = new Map();
    await addShard(content, await stored.open());
    expect(await readdir(scratchDir)).toEqual([]);
    for (const measurement of measurements) {
      const q = `SELECT * FROM ${measurement} WHERE time >= ${startNs} AND time < ${endNs} GROUP BY *`;
      const parameters = new URLSearchParams({ db: 'db', epoch: 'ns', q });
      const answers = answersOf(await (await fetch(`${server.url}/query?${parameters}`)).text());
      expect(answers.size, measurement).toBeGreaterThan(0);
      expectAnswers(content as Content, measurement, answers);
    }
  }
}

describe.skipIf(!(await influxdAvailable())).each(['inmem', 'tsi1'] as const)(
  'the snapshot service (%s)',
  async (index) => {
    const server = await startInfluxd({ settings: { data: { 'index-version': index } } });
    afterAll(() => server.stop());
    const service = new SnapshotService(`tcp://127.0.0.1:${server.rpcPort}`);

    it('gives what queries say: several types in several shards, deleted points, and what is in the cache', async () => {
      await query(server.url, '', 'CREATE DATABASE db WITH DURATION INF SHARD DURATION 7d');
      for (let week = 0; week < 4; week += 1) await write(server, linesOf(week, 0, 400));
      const scratchDir = await folder();
      await expectEqual(server, scratchDir);
      // The first snapshot wrote the cache into files: these go into a cache that is empty, and replace points of those files.
      for (let week = 0; week < 4; week += 1) await write(server, linesOf(week, 300, 500));
      await write(server, [`cpu,host=h0 usage=-1 ${START_NS}`]);
      const middle = START_NS + WEEK_NS / 2n;
      await query(server.url, 'db', `DELETE FROM cpu WHERE host='h1' AND time < ${middle}`);
      await query(
        server.url,
        'db',
        `DELETE FROM mem WHERE time >= ${START_NS} AND time < ${START_NS + 10_000_000_000n}`,
      );
      await query(server.url, 'db', "DROP SERIES FROM mem WHERE host='h2'");
      await expectEqual(server, scratchDir);
      await write(server, [`mem,host=h2 free=7i ${START_NS}`]);
      await expectEqual(server, scratchDir);
    });

    it('gives nothing of a shard that is not there, and says so', async () => {
      const impatient = new SnapshotService(service.url, { busyAttemptsMax: 2 });
      const gone = { database: 'db', retentionPolicy: 'autogen', id: 999 };
      await expect(impatient.openShard(gone)).rejects.toThrow(/shard 999 in 2 attempts: the shard is gone, or another/);
    });

    it('takes files into a shard, under which what it has stays, and has closed only when they are there', async () => {
      const { id } =
        (await openSnapshotService(service.url)).shards.find(({ database }) => database === 'db') ?? expect.fail();
      const points = columnOf('float', [
        [START_NS, 99],
        [START_NS + 1n, 98],
      ]);
      const tsm = await tsmBytes([['cpu,host=h0', 'usage', points]]);
      const shard = { database: 'db', retentionPolicy: 'autogen', id };
      await service.uploadShard(shard, [{ name: '000000000-000001000.tsm', source: bytesSource('tsm', tsm) }]);
      const q = `SELECT usage FROM cpu WHERE host='h0' AND time <= ${START_NS + 1n}`;
      const [series] = await query(server.url, 'db', q);
      expect(series?.values.map(([, value]) => value)).toEqual([-1, 98]);
    });

    it('takes the metadata of a database that does not exist, numbers its shards, and takes their files', async () => {
      const group = (id: number) => {
        const startNs = START_NS + BigInt(id - 70) * WEEK_NS;
        return { id, startNs, endNs: startNs + WEEK_NS, shardIds: [id] };
      };
      const policies = [
        {
          name: 'week',
          durationNs: 0n,
          shardGroupDurationNs: WEEK_NS,
          replication: 1,
          shardGroups: [70, 71].map(group),
        },
        { name: 'empty', durationNs: 2n * WEEK_NS, shardGroupDurationNs: WEEK_NS, replication: 1, shardGroups: [] },
      ];
      const added = {
        name: 'added',
        defaultRetentionPolicy: 'week',
        retentionPolicies: policies,
        continuousQueries: [],
      };
      const encoded = encodeMeta({ databases: [added], shardGroupIdMax: 71, shardIdMax: 71 });
      const ids = await service.addDatabase('added', encoded);
      expect([...ids.keys()].sort()).toEqual([70, 71]);
      for (const [id, own] of ids) {
        const column = columnOf('integer', [[group(id).startNs, BigInt(id)]]);
        const tsm = await tsmBytes([['m,t=a', 'v', column]]);
        const files = [{ name: '000000000-000001000.tsm', source: bytesSource('tsm', tsm) }];
        await service.uploadShard({ database: 'added', retentionPolicy: 'week', id: own }, files);
      }
      const [series] = await query(server.url, 'added', 'SELECT v FROM m');
      expect(series?.values.map(([, value]) => value)).toEqual([70, 71]);
      const { databases } = await service.meta();
      const found = databases.find(({ name }) => name === 'added');
      expect(found).toMatchObject({ defaultRetentionPolicy: 'week' });
      const shown = found?.retentionPolicies.map(({ name, durationNs, shardGroups }) => {
        return [name, durationNs, shardGroups.map(({ startNs, shardIds }) => [startNs, ...shardIds])];
      });
      expect(shown).toEqual([
        ['week', 0n, [70, 71].map((id) => [group(id).startNs, ids.get(id)])],
        ['empty', 2n * WEEK_NS, []],
      ]);
      await expect(service.addDatabase('added', encoded)).rejects.toMatchObject({ code: 'META_REFUSED' });
    });

    it('refuses metadata of a database that exists, and metadata that it cannot read', async () => {
      const refused = expect.objectContaining({ code: 'META_REFUSED' });
      await expect(service.addDatabase('other', Buffer.from([0x2a, 0x50, 1]))).rejects.toThrow(refused);
      const meta = await service.meta();
      expect(meta.databases.map(({ name }) => name)).not.toContain('other');
    });
  },
);
