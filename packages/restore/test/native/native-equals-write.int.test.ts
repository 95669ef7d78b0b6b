import { type Influxd, influxdAvailable, query } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { BackupFile } from '../support/backup';
import { NativeGround, shownCounts } from '../support/native';
import { contentOf } from '../support/native-content';

const week = 604_800;
const start = Math.floor(Date.UTC(2024, 0, 8) / 1_000 / week) * week + 4 * 86_400;
const startMs = start * 1_000;

/** Files with all that a shard has to decide: last writes, types that change within a shard and between shards, merged points. */
const files: readonly BackupFile[] = [
  {
    database: 'db',
    openedMs: startMs,
    lines: [
      ...Array.from({ length: 300 }, (_, i) => `cpu,host=h${i % 7} usage=${i / 3},n=${i}i ${start + i}\n`),
      ...Array.from({ length: 40 }, (_, i) => `cpu,host=h1 usage=${i} ${start + 5 * week + i}\n`),
      `two v=1 ${start}\ntwo v=2i ${start + 1}\ntwo v=3,w=true ${start + 2}\n`,
      `two v=1i ${start + week}\ntwo v=2 ${start + week + 1}\ntwo v=3i,w="x" ${start + week + 2}\n`,
      `log\\ s,t=a\\ b,u=ü text="a \\"b\\" \\\\ é",ok=t,\\,f=-0 ${start + 3}\n`,
      // InfluxDB stores a tag's value that begins with `=`, and an escape that a measurement does not need, and on `tsi1` shows neither.
      `odd,t==a v=1i,w=t ${start}\nodd,t=a v=2i ${start}\nalone,t==a,u\\==b v="x" ${start}\n"\\=" v=1 ${start}\nm5\\ \\,t\\"2=0 v=1 ${start}\n`,
      // Names whose claims need care: a quote behind backslashes, and a tab that no name keeps at the beginning of the fields.
      `empty \0=1 ${start}\nempty \0=2,\0=3i ${start + 1}\nempty,t=a w=1,\0=4i ${start}\n`,
      `twice f1="#",f2\\\\=false,f9i\\='=true ${start}\n`,
      `named f\\\\\\"q=1,\tt=2i,g\\ h=3 ${start}\nnamed,t=a time=1,\tt=3i ${start}\nlone time=1,\tt=t ${start}\n`,
      `old v=1 -1\nold v=2 -6795364577\nold v=3 9223372036\n`,
    ].join(''),
  },
  {
    database: 'db',
    openedMs: startMs + 1,
    lines: [
      ...Array.from({ length: 60 }, (_, i) => `cpu,host=h${i % 7} usage=-${i} ${start + i}\n`),
      `two v="s" ${start + 9}\ntwo w=f ${start + 10}\ntwo w=1 ${start + 11}\ncpu,host=h1 usage=1i,other=5 ${start}\n`,
      `cpu,host=h1 other=6 ${start}\nbroken line\n`,
      // Without the blank before it, the first of these lines would be a record of its own, and the second one good.
      `cpu,host=h2 usage=1 ${start + 98}\n ="a ${start}\ncpu,host=h1 usage=7 ${start + 99}\n" ${start}\n`,
    ].join(''),
  },
  {
    database: 'other',
    retentionPolicy: 'keep',
    openedMs: startMs,
    header: { policy: { duration: 'INF', shardDuration: '1d' } },
    lines: `m v=1i ${start}\nm v=2i ${start + 86_400}\n`,
  },
];

/** Lists the series, but for spellings that InfluxDB itself shows in another way once it reads them from a file. */
async function seriesOf(server: Influxd): Promise<unknown[]> {
  const rows = await query(server.url, 'db', 'SHOW SERIES');
  return rows.flatMap(({ values }) => values.flat()).filter((key) => !String(key).includes('"'));
}

/** The rejected records of each file, in any order. */
function recordsOf(rejected: Record<string, string>): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(rejected).map(([key, text]) => [key, text.split('# CERES-REASON: ').sort()]),
  );
}

describe.skipIf(!(await influxdAvailable())).each(['inmem', 'tsi1'] as const)(
  'a native restore (%s)',
  async (index) => {
    const ground = new NativeGround();

    it('leaves what the write path with one lane leaves, point for point, also after a restart', async () => {
      const [ours, theirs] = [await ground.start(index), await ground.start(index)];
      const written = await ground.restore(theirs, files, { native: undefined, lanes: 1 } as object);
      const loaded = await ground.restore(ours, files);
      // InfluxDB names one conflict of those in a write; a native restore knows all of them.
      const { elapsedMs: _, typeConflicts, ...expected } = written.report;
      expect(loaded.report).toMatchObject(expected);
      expect(loaded.report.typeConflicts).toEqual(expect.arrayContaining([...typeConflicts]));
      expect(recordsOf(loaded.rejected)).toEqual(recordsOf(written.rejected));
      const content = await contentOf(theirs);
      expect(content.size).toBeGreaterThan(600);
      expect(await contentOf(ours)).toEqual(content);
      for (const database of ['db', 'other']) {
        expect(await shownCounts(ours, database)).toEqual(await shownCounts(theirs, database));
      }
      await ours.restart();
      expect(await contentOf(ours)).toEqual(content);
      expect(await shownCounts(ours, 'db')).toEqual(await shownCounts(theirs, 'db'));
      expect(await seriesOf(ours)).toEqual(await seriesOf(theirs));
    });
  },
);
