import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { query, writeRaw } from '@ceres/testkit';
import { openPortableFolder } from '@ceres/tsm';
import { expect, it } from 'vitest';
import { compile } from '../../src/compile/folder/compile';
import type { CompileOptions } from '../../src/options/compile';
import { planRestore } from '../../src/plan/plan';
import type { RestorePlan } from '../../src/plan/types';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { type BackupFile, backupOf } from '../support/backup';
import { COMPACTS_AT_ONCE, compacted } from '../support/compacted';
import { describeOnInfluxd, type Ground, startMs, startS } from '../support/ground';
import { differences, loadCompiled, storedContent } from '../support/load-compiled';
import { rejectedIn } from '../support/workspace';

const week = 7 * 86_400;

/** Lines of every kind, also such that InfluxDB refuses. */
const lines = [
  `m,host=a v=1,w=2i,s="x y",b=true ${startS}`,
  `m,host=a v=1.5,w=-9223372036854775808i,s="",b=F ${startS + 1}`,
  `m,host=a v=-0,s="q\\"b\\\\e" ${startS}`,
  `m,b=2,a=1 v=5e-324 ${startS + week}`,
  `m,a=1,b=2 v=1.7976931348623157e308 ${startS + week + 1}`,
  `m\\,x\\ y,t\\=k=v\\ w\\,x f\\ k\\,\\=="é" ${startS + 2}`,
  `m v="another type" ${startS + 3}`,
  `m v="another type, in another shard",new=1 ${startS + 2 * week}`,
  `m v=3i,late=1i ${startS + 4}`,
  `m late=2.5 ${startS + 5}`,
  `m time=5,v=6,v=7 ${startS + 6}`,
  `m v=5u ${startS}`,
  `m v=NaN ${startS}`,
  'm v=1',
  `m,t=1,t=2 v=1 ${startS}`,
  `m time=1 ${startS}`,
  `m v=1 99999999999`,
  `only\\"quotes v=1 ${startS}`,
  `m,host=a v=9 ${startS + 1}`,
  ...Array.from({ length: 2_500 }, (_, i) => `long,t=${i % 3} v=${i / 7},n=${i}i ${startS + ((i * 17) % 2_600)}`),
  `long,t=0 big="${'x'.repeat(70_000)}" ${startS}`,
];

function backupFor(database: string): BackupFile[] {
  const text = (part: readonly string[]) => part.map((line) => `${line}\n`).join('');
  const ns = [`ends v=1 -9223372036854775806\n`, `ends v=2 9223372036854775806\n`, `ends,t=1 v=3 -1\n`].join('');
  return [
    {
      database,
      openedMs: startMs,
      lines: text(lines.slice(0, 1_000)),
      header: { policy: { duration: 'INF', name: 'autogen' } },
    },
    { database, openedMs: startMs + 1, lines: text(lines.slice(1_000)) },
    { database, openedMs: startMs + 2, lines: ns, header: { precision: 'ns' } },
    {
      database,
      retentionPolicy: 'short',
      openedMs: startMs + 3,
      lines: `m v=1 ${startS}\nm v=2 ${Math.floor(Date.now() / 1000) - 60}\n`,
      header: { policy: { duration: '48h', shardDuration: '6h', replication: 1 } },
    },
  ];
}

function optionsFor({ workspace }: Ground, more: Partial<CompileOptions> = {}): CompileOptions {
  return {
    out: join(workspace.folder, 'out'),
    rejectsDir: join(workspace.folder, 'compile-rejects'),
    scratchDir: workspace.folder,
    ...more,
  };
}

async function planFor(database: string): Promise<RestorePlan> {
  return await planRestore({ storage: await backupOf(...backupFor(database)), instance: 'src' });
}

for (const index of ['inmem', 'tsi1'] as const) {
  describeOnInfluxd(
    `A compiled backup, loaded by InfluxDB's own tool (${index})`,
    (ground) => {
      it('holds what a restore by one lane leaves, after a restart, too, with the same records refused', async () => {
        const { database, influxd, workspace } = ground;
        const plan = await planFor(database);
        const restored = await restore(plan, { ...ground.options(), lanes: 1 });
        const copy = `${database} copy`;
        const options = optionsFor(ground, { mapDatabase: { [database]: copy } });
        const report = await compile(plan, options);
        await loadCompiled(influxd, options.out, [copy]);

        const { shards, values, metadata: _, metadataBytes, elapsedMs: __, ...counts } = report;
        const { elapsedMs: ___, ...expected } = restored;
        // InfluxDB names one conflict of a write, and compiling names all.
        const typeConflicts = expect.arrayContaining(expected.typeConflicts.map((one) => one.replace(database, copy)));
        expect(counts).toEqual({ ...expected, typeConflicts });
        expect(counts).toMatchObject({ expired: 1, rejected: 8 });
        expect(inAnyOrder(await rejectedIn(options.rejectsDir))).toEqual(inAnyOrder(await workspace.rejected()));
        const content = await storedContent(influxd, database);
        expect(differences(content, await storedContent(influxd, copy))).toEqual([]);
        expect(values).toBe(content.length);
        expect(shards).toBeGreaterThan(4);
        const [manifest = ''] = (await readdir(options.out)).filter((name) => name.endsWith('.manifest'));
        expect(metadataBytes).toBe(JSON.parse(await readFile(join(options.out, manifest), 'utf8')).meta.size);
        const shown = async () => [await policies(ground, database), await policies(ground, copy)];
        const [own, other] = await shown();
        expect(other).toEqual(own);

        await influxd.restart();
        expect(differences(content, await storedContent(influxd, copy))).toEqual([]);
        // A long text in a message takes minutes to compare.
        expect((await answer(ground, copy)) === (await answer(ground, database))).toBe(true);

        // With a second file, there is something to compact.
        await writeRaw(influxd.url, copy, `long,t=0 v=-1 ${startS + 9_999}`, { precision: 's' });
        await influxd.restart({ data: { 'index-version': index, ...COMPACTS_AT_ONCE } });
        await compacted(join(influxd.dataDir, 'data', copy, 'autogen'));
        const after = differences(content, await storedContent(influxd, copy));
        expect(after).toEqual([`strange: autogen long,t=0 v float ${startS + 9_999}000000000 -1`]);
      });
    },
    { data: { 'index-version': index } },
  );
}

describeOnInfluxd('The parts of a compiled backup', (ground) => {
  it('load in one go from one folder, and are what one restore leaves', async () => {
    const { database, influxd, workspace } = ground;
    const plan = await planFor(database);
    const all = join(workspace.folder, 'all');
    const reports = [];
    for (const index of [0, 1, 2]) {
      const outDir = join(workspace.folder, `part-${index}`);
      const rejectsDir = join(workspace.folder, `rejects-${index}`);
      const report = await compile(plan, optionsFor(ground, { out: outDir, rejectsDir, shard: { index, of: 3 } }));
      reports.push(report);
      await cp(outDir, all, { recursive: true });
    }
    expect(new Set(reports.map(({ metadata }) => metadata)).size).toBe(1);
    expect(reports.filter(({ shards }) => shards > 0).length).toBeGreaterThan(1);
    expect((await readdir(all)).filter((name) => name.endsWith('.manifest'))).toHaveLength(3);
    await loadCompiled(influxd, all, [database]);
    const loaded = await storedContent(influxd, database);

    const restored = `${database} restored`;
    await restore(plan, { ...ground.options(), lanes: 1, mapDatabase: { [database]: restored } });
    expect(differences(await storedContent(influxd, restored), loaded)).toEqual([]);
    const storage = await backupOf(...backupFor(database).slice(2, 3));
    const verdict = await verify({
      storage,
      instance: 'src',
      to: { url: influxd.url },
      level: 'content',
      measurements: ['ends'],
    });
    expect(verdict.outcome).toBe('EQUAL');
  });

  it('have all databases and policies, also those of which nothing is left', async () => {
    const { database, influxd, workspace } = ground;
    const file = {
      database,
      retentionPolicy: 'hour',
      openedMs: startMs,
      lines: `m v=1 ${startS}\n`,
      header: { policy: { duration: '1h' } },
    };
    const plan = await ground.planOf([file]);
    const report = await compile(plan, optionsFor(ground));
    expect(report).toMatchObject({ lines: 0, expired: 1, shards: 0, files: 1 });
    const { meta, shards } = await openPortableFolder(join(workspace.folder, 'out'));
    expect(shards).toEqual([]);
    expect(meta?.databases.map(({ name }) => name)).toEqual([database]);
    // InfluxDB's tool takes metadata without shards for an error, although the server has added it.
    await expect(loadCompiled(influxd, join(workspace.folder, 'out'), [])).rejects.toThrow('DB metadata not changed');
    expect(await policies(ground, database)).toMatchObject([{ name: 'autogen' }, { name: 'hour', duration: '1h0m0s' }]);
  });
});

async function policies(ground: Ground, database: string) {
  return await ground.records(`SHOW RETENTION POLICIES ON "${database}"`);
}

/**
 * Returns what a query says of the fields that have one type: which of several a query shows is up to InfluxDB. Nor does it find a measurement
 * with an escaped quote by one name at all times.
 */
async function answer({ influxd }: Ground, database: string): Promise<string> {
  return JSON.stringify(await query(influxd.url, database, 'SELECT * FROM /^(long|ends)$/ GROUP BY *'));
}

/** A restore learns of some records before others. */
function inAnyOrder(rejected: Record<string, string>) {
  const entries = Object.entries(rejected);
  return Object.fromEntries(entries.map(([key, text]) => [key, text.split('# CERES-REASON: ').sort()]));
}
