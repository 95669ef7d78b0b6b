import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalStorage } from '@ceres/backup-sink';
import { planRestore, restore } from '@ceres/restore';
import { type SeedReport, seed } from '@ceres/seed';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillDatabase, linesOf } from '../../../seed/test/support/every-type';
import { directoryContent } from '../../../seed/test/support/server-content';
import { fillWithFuzz, hostile } from './fuzz-data';
import { importAll, withoutDoubledNewlines } from './import-loop';

const run = promisify(execFile);
const instance = 'influxdb-0';
const typed = 'db 1';
const databases = [typed, 'fuzz', hostile];

describe.skipIf(!(await influxdAvailable())).each([
  ['inmem', 3],
  ['tsi1', 4],
])(
  'everything that a server with the index %s holds, restored from a seed by Ceres and by the loop of an operator',
  (index, round) => {
    let folder: string;
    let server: Influxd;
    let target: Influxd;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ceres-seed-sources-'));
      const other = index === 'inmem' ? 'tsi1' : 'inmem';
      server = await startInfluxd({ settings: { data: { 'index-version': index } } });
      target = await startInfluxd({ settings: { data: { 'index-version': other } } });
      await fillDatabase(server.url, typed);
      await fillWithFuzz(server, round);
    });

    afterAll(async () => {
      await server?.stop();
      await target?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Overwrites and deletes once more: that is in the cache and the WAL when the seed reads. */
    async function change(week: number): Promise<void> {
      const lines = linesOf(week, 50)
        .join('\n')
        .replaceAll(/float=[^,]+/g, 'float=77');
      expect(await writeRaw(server.url, typed, lines, { precision: 'ns' })).toMatchObject({ status: 204 });
      const from = `2026-01-${String(5 + 7 * week).padStart(2, '0')}T00:00:`;
      await query(server.url, typed, `DELETE FROM sparse WHERE time >= '${from}10Z' AND time < '${from}20Z'`);
    }

    async function seeded(
      name: string,
      source: string,
    ): Promise<{ readonly backup: string; readonly report: SeedReport }> {
      const backup = join(folder, name);
      const storage = new LocalStorage(backup);
      const workDir = join(folder, `${name}-work`);
      return { backup, report: await seed({ storage, instance, source, workDir, segmentBytesMax: 400_000 }) };
    }

    /** Reads the files of a server that holds still, WAL included: its snapshot service would wait for shards that were idle until now. */
    async function storedIn(influxd: Influxd): Promise<Content> {
      const content = new Map<string, readonly string[]>();
      influxd.pause();
      try {
        for (const name of databases) content.set(name, await directoryContent(join(influxd.dataDir, 'data'), name));
        return content;
      } finally {
        influxd.resume();
      }
    }

    async function wipe(): Promise<void> {
      for (const database of databases) await query(target.url, '', `DROP DATABASE "${database}"`);
    }

    /** Restores a seed in both ways into an empty server, and returns how each differs from what the database holds now. */
    async function bothWays(backup: string, as = (content: Content) => content) {
      const expected = as(await storedIn(server));
      await wipe();
      const plan = await planRestore({ storage: new LocalStorage(backup), instance });
      const report = await restore(plan, {
        to: { url: target.url },
        journalFile: `${backup}.journal`,
        rejectsDir: `${backup}.rejects`,
      });
      expect(report).toMatchObject({ rejected: 0, expired: 0, damagedFiles: [], leftOut: [] });
      const byCeres = difference(expected, as(await storedIn(target)));
      await wipe();
      await importAll(backup, target);
      const found = withoutDoubledNewlines(as(await storedIn(target)));
      return { byCeres, byLoop: difference(withoutDoubledNewlines(expected), found) };
    }

    const same = { missing: [], extra: [] };

    it('from the snapshot service', async () => {
      await change(0);
      const { backup, report } = await seeded('snapshot', `tcp://127.0.0.1:${server.rpcPort}`);
      expect(report).toMatchObject({ losses: [], isProven: true });
      expect(await bothWays(backup)).toEqual({ byCeres: same, byLoop: same });
    });

    it('from queries, except for what no query reads exactly, which is named', async () => {
      await change(1);
      const { backup, report } = await seeded('queries', server.url);
      expect(report.isProven).toBe(true);
      for (const loss of report.losses) expect(loss).toMatch(/^hostile\.\w+, shard \d+: not all of measurement "/);
      const unseen = new Set(index === 'tsi1' ? flat(asQueriesTell(unseenIn(await storedIn(server)))) : []);
      const { byCeres, byLoop } = await bothWays(backup, asQueriesTell);
      for (const { missing, extra } of [byCeres, byLoop]) {
        expect(extra).toEqual([]);
        expect(missing.filter((one) => !isLoss(one, report.losses) && !unseen.has(one))).toEqual([]);
      }
    });

    it('from a portable backup', async () => {
      await change(2);
      const portable = join(folder, 'a portable backup');
      const { influxd } = await findInfluxBinaries();
      await run(influxd, ['backup', '-portable', '-host', `127.0.0.1:${server.rpcPort}`, portable]);
      const { backup, report } = await seeded('portable', portable);
      expect(report).toMatchObject({ losses: [], isProven: true });
      expect(await bothWays(backup)).toEqual({ byCeres: same, byLoop: same });
    });

    it('from the data directory of a server that was killed, its WAL included', async () => {
      await change(3);
      await server.kill();
      const { backup, report } = await seeded('directory', join(server.dataDir, 'data'));
      expect(report).toMatchObject({ losses: [], unchecked: [], isProven: true });
      await server.restart();
      expect(await bothWays(backup)).toEqual({ byCeres: same, byLoop: same });
    });
  },
);

type Content = ReadonlyMap<string, readonly string[]>;

/** Queries tell names without a backslash before a quote, which needs none. */
function asQueriesTell(content: Content): Content {
  return new Map([...content].map(([database, values]) => [database, values.map((one) => one.replaceAll('\\"', '"'))]));
}

function flat(content: Content): string[] {
  return [...content].flatMap(([database, values]) => values.map((one) => `${database} ${one}`));
}

/** Returns the values that no query shows on `tsi1`: those of a series that was written with a backslash before a quote or, in its measurement, an equals sign. */
function unseenIn(content: Content): Content {
  const values = content.get(hostile) ?? [];
  return new Map([[hostile, values.filter((one) => one.includes('\\"') || /^\S+ [^,]*\\=/.test(one))]]);
}

function difference(expected: Content, found: Content) {
  const [there, here] = [new Set(flat(expected)), new Set(flat(found))];
  return {
    missing: [...there].filter((one) => !here.has(one)).slice(0, 1_000),
    extra: [...here].filter((one) => !there.has(one)).slice(0, 10),
  };
}

/** Returns whether a value is of a measurement that a loss names. */
function isLoss(value: string, losses: readonly string[]): boolean {
  const [, series = ''] = /^hostile \S+ (.*)$/s.exec(value) ?? [];
  return losses.some((loss) => {
    const [, quoted = ''] = /: not all of measurement ("(?:[^"\\]|\\.)*")/.exec(loss) ?? [];
    return quoted !== '' && series.startsWith(escaped(JSON.parse(quoted)));
  });
}

/** Returns a measurement as a series key begins with it. */
function escaped(measurement: string): string {
  return Buffer.from(measurement.replaceAll(/[, ]/g, '\\$&')).toString('latin1');
}
