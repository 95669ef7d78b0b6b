import { query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/verify/verdict';
import { backupOf } from '../support/backup';
import { verifyBothWays } from '../support/both-ways';
import { describeOnInfluxd, type Ground, startMs, startS } from '../support/ground';

/** Times in shards of their own: the shards of a policy without end last a week. */
const shard = (week: number, second = 0) => startS + week * 7 * 86_400 + second;

/** Writes the database line by line, and compares it with a backup of other lines. */
async function compare(
  { influxd, database }: Ground,
  sides: { readonly backup: readonly string[]; readonly database: readonly string[] },
  level: 'counts' | 'content',
): Promise<Verdict> {
  for (const line of sides.database) {
    const answer = await writeRaw(influxd.url, database, line, { precision: 's' });
    if (answer.status !== 204) throw new Error(`${line}: ${answer.body}`);
  }
  const storage = await backupOf({
    database,
    openedMs: startMs,
    lines: sides.backup.map((line) => `${line}\n`).join(''),
  });
  return await verifyBothWays({ storage, instance: 'src', to: { url: influxd.url }, level, points: 10 }, influxd);
}

const levels = ['counts', 'content'] as const;

describeOnInfluxd('verify compares a field of several types', (ground) => {
  const everyType = [
    `m,h=x v=1 ${shard(0)}`,
    `m,h=x v=9007199254740993i ${shard(1)}`,
    `m,h=x v="s" ${shard(2)}`,
    `m,h=x v=true ${shard(3)}`,
  ];

  it.each(levels)('in several shards without a false alarm, by %s', async (level) => {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    const verdict = await compare(ground, { backup: everyType, database: everyType }, level);
    expect(verdict).toMatchObject({ outcome: 'EQUAL', equal: true, points: 4, notCompared: [] });
  });

  it('in shards that begin within a second, of which InfluxDB shows only the second', async () => {
    const durationMs = 3_600_500;
    const originMs = 62_135_596_800_000;
    const starts = [0, 1].map((n) => (Math.ceil((startMs + originMs) / durationMs) + n) * durationMs - originMs);
    const second = Math.floor((starts.find((start) => start % 1_000 !== 0) ?? 0) / 1_000);
    const policy = `DURATION INF SHARD DURATION ${durationMs}ms NAME "autogen"`;
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}" WITH ${policy}`);
    const lines = [`m,h=x v=1 ${second}`, `m,h=x v=9007199254740993i ${second + 1}`];
    const verdict = await compare(ground, { backup: lines, database: lines }, 'content');
    expect(verdict).toMatchObject({ outcome: 'EQUAL', points: 2, notCompared: [] });
  });

  it.each(everyType.flatMap((line) => levels.map((level) => [line, level] as const)))(
    'and finds that the backup lacks %s, by %s',
    async (extra, level) => {
      await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
      const backup = everyType.filter((line) => line !== extra);
      const verdict = await compare(ground, { backup, database: everyType }, level);
      expect(verdict).toMatchObject({ outcome: 'NOT EQUAL', equal: false });
      expect(verdict.differingPoints).toMatchObject([{ field: 'v', inBackup: undefined }]);
      expect(verdict.mismatches).toMatchObject([{ inBackup: 0, inDatabase: 1 }]);
    },
  );

  it.each([
    ['1i', '1', 1n, 1],
    ['1', '1i', 1, 1n],
    ['9007199254740992', '9007199254740993i', 9007199254740992, 9007199254740993n],
    ['9007199254740992', '9007199254740992i', 9007199254740992, 9007199254740992n],
    ['"1"', '1', '1', 1],
    ['"true"', 'true', 'true', true],
  ])('and tells %s in the backup from %s in the database', async (inBackup, inDatabase, own, theirs) => {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    const others = [`m,h=x v=2 ${shard(1)}`, `m,h=x v=2i ${shard(2)}`, `m,h=x v="2" ${shard(3)}`];
    const backup = [...others, `m,h=x v=${inBackup} ${shard(0)}`];
    const database = [...others, `m,h=x v=${inDatabase} ${shard(0)}`];
    const verdict = await compare(ground, { backup, database }, 'content');
    expect(verdict.outcome).toBe('NOT EQUAL');
    expect(verdict.differingPoints).toMatchObject([{ inBackup: own, inDatabase: theirs }]);
  });
});

describeOnInfluxd('verify compares policies whose shards overlap', (ground) => {
  /** A shard of 30 days from 2023-12-17 on, then one of a week that ends on 2023-12-18: points of 2023-12-17 go to the second. */
  const noon = Date.UTC(2023, 11, 17, 12) / 1000;
  const overlap = async (first: readonly string[], then: readonly string[]) => {
    const { influxd, database } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH DURATION INF SHARD DURATION 30d NAME "autogen"`);
    const write = async (line: string) => await writeRaw(influxd.url, database, line, { precision: 's' });
    for (const line of first) await write(line);
    await query(influxd.url, '', `ALTER RETENTION POLICY "autogen" ON "${database}" SHARD DURATION 7d`);
    await write(`m,h=x v=9 ${noon - 2 * 86_400}`);
    for (const line of then) await write(line);
  };

  describe.each(levels)('by %s', (level) => {
    it('and joins the fields of a point that lie in two shards', async () => {
      await overlap([`m,h=x v=1,a=1 ${noon}`, `m,h=x v=1 ${noon + 10}`], [`m,h=x v=1,b=2 ${noon}`]);
      const backup = [`m,h=x v=9 ${noon - 2 * 86_400}`, `m,h=x v=1,a=1,b=2 ${noon}`, `m,h=x v=1 ${noon + 10}`];
      const verdict = await compare(ground, { backup, database: [] }, level);
      expect(verdict).toMatchObject({ outcome: 'EQUAL', points: 3 });
    });

    it('and names a point that the backup lacks', async () => {
      await overlap([`m,h=x v=1 ${noon}`, `m,h=x v=1 ${noon + 10}`], [`m,h=y v=1 ${noon}`]);
      const backup = [`m,h=x v=9 ${noon - 2 * 86_400}`, `m,h=x v=1 ${noon}`, `m,h=x v=1 ${noon + 10}`];
      const verdict = await compare(ground, { backup, database: [] }, level);
      expect(verdict).toMatchObject({ outcome: 'NOT EQUAL', differingPoints: [{ tags: { h: 'y' }, inDatabase: 1 }] });
    });

    it('and does not call a database equal in which a field has two types', async () => {
      await overlap([`m,h=x v=1 ${noon + 10}`, `other v=1 ${noon}`], [`m,h=x v="s" ${noon + 40 * 86_400}`]);
      const backup = [`m,h=x v=9 ${noon - 2 * 86_400}`, `m,h=x v=1 ${noon + 10}`, `other v=1 ${noon}`];
      const verdict = await compare(ground, { backup, database: [] }, level);
      expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', equal: false, mismatches: [], points: 1 });
      expect(verdict.notCompared).toMatchObject([{ measurement: 'm', reason: expect.stringMatching(/several types/) }]);
    });
  });

  it('and names a measurement with a point of two values, which is neither equal nor different', async () => {
    await overlap([`m,h=x v=1 ${noon}`, `other v=1 ${noon}`], [`m,h=x v=2 ${noon}`]);
    const backup = [`m,h=x v=9 ${noon - 2 * 86_400}`, `m,h=x v=2 ${noon}`, `other v=1 ${noon}`];
    const verdict = await compare(ground, { backup, database: [] }, 'content');
    expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', equal: false, mismatches: [], points: 1 });
    expect(verdict.notCompared).toMatchObject([{ measurement: 'm', reason: expect.stringMatching(/two values/) }]);
  });
});
