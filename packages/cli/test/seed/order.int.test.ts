import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { planRestore, type RestoreReport, restore, verify } from '@ceres/restore';
import { type SeedOptions, seed } from '@ceres/seed';
import { readOpenSince } from '@ceres/storage/internal';
import { type Influxd, influxdAvailable, influxTool, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serverContent } from '../../../seed/test/support/server-content';

const database = 'db';
const retentionPolicy = 'autogen';
const instance = 'influxdb-0';
const startNs = 1_767_571_200_000_000_000n;
const weekNs = 604_800_000_000_000n;
const clock = { now: () => Date.now(), sleep: async () => undefined };

/** Lines of five weeks; those of another round have other values at the same times. */
function linesOf(round: number, from: number, to: number): string {
  const line = (i: number) =>
    `m,host=h${i % 3} v=${round}i,text="${round}" ${startNs + BigInt(i % 5) * weekNs + BigInt(i)}\n`;
  return Array.from({ length: to - from }, (_, n) => line(from + n)).join('');
}

describe.skipIf(!(await influxdAvailable()))('the order of a seed and of what is teed', () => {
  let folder: string;
  let server: Influxd;
  let target: Influxd;
  let runs = 0;
  let backupDir: string;
  let sink: BackupSink;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-seed-order-'));
    [server, target] = [await startInfluxd(), await startInfluxd()];
  });
  beforeEach(async () => {
    runs += 1;
    backupDir = join(folder, `backup-${runs}`);
    await query(server.url, '', `DROP DATABASE ${database}`);
    await query(server.url, '', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 7d`);
    const storage = new LocalStorage(backupDir);
    const spoolDir = join(folder, `spool-${runs}`);
    sink = await BackupSink.open({ storage, spoolDir, precision: 'ns', heartbeatMs: 20 });
  });
  afterAll(async () => {
    await server?.stop();
    await target?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(lines: string): Promise<void> {
    expect(await writeRaw(server.url, database, lines)).toMatchObject({ status: 204 });
  }

  async function tee(lines: string): Promise<void> {
    await sink.write({ instance, database, retentionPolicy }, { lines, precision: 'ns' });
    await write(lines);
  }

  const seeding = (options: Partial<SeedOptions> = {}) =>
    seed({
      storage: new LocalStorage(backupDir),
      instance,
      source: `tcp://127.0.0.1:${server.rpcPort}`,
      workDir: join(folder, `work-${runs}-${options.again}`),
      segmentBytesMax: 20_000,
      clock,
      ...options,
    });

  /** Overwrites through the tee for as long as the work takes, and seals files in between. */
  async function teeDuring<T>(work: Promise<T>, round: number): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined); // it is awaited below
    for (let i = 0; !isDone || i < 3; i += 1) {
      await tee(linesOf(round + i, (i * 40) % 900, ((i * 40) % 900) + 60));
      if (i % 3 === 2) await sink.flush();
    }
    return await done;
  }

  /** @param damaged the paths of files that InfluxDB's own tool reports as damaged, and goes on */
  async function expectEqualBothWays(damaged: readonly string[] = []): Promise<RestoreReport> {
    await sink.close();
    const content = await serverContent(server.rpcPort, database);
    await query(target.url, '', `DROP DATABASE ${database}`);
    const plan = await planRestore({ storage: new LocalStorage(backupDir), instance });

    const report = await restore(plan, {
      to: { url: target.url },
      journalFile: join(folder, `journal-${runs}`),
      rejectsDir: join(folder, `rejects-${runs}`),
      lanes: 4,
    });

    expect(await serverContent(target.rpcPort, database)).toEqual(content);

    await query(target.url, '', `DROP DATABASE ${database}`);
    await query(target.url, '', `CREATE DATABASE ${database} WITH DURATION INF SHARD DURATION 7d`);
    const names = (await readdir(backupDir, { recursive: true })).filter((name) => /^[^~].*\.gz$/.test(name)).sort();
    for (const name of names) {
      const path = join(backupDir, name);

      const { code } = await influxTool(['-import', '-compressed', '-precision=ns', `-path=${path}`], target);

      expect(code).toBe(damaged.includes(path) ? 1 : 0);
    }
    expect(await serverContent(target.rpcPort, database)).toEqual(content);
    return report;
  }

  it('lets what is teed before, during and after a first seed win over it', async () => {
    await write(linesOf(1, 0, 1_000));
    await tee(linesOf(2, 0, 100));
    await sink.flush();
    await tee(linesOf(3, 50, 150));
    const { takenMs } = await teeDuring(seeding(), 100);
    expect(takenMs).toBeLessThanOrEqual(Date.now());
    await tee(linesOf(999, 120, 140));
    await expectEqualBothWays();
  });

  it('lets a later seed win over sealed files, and lose against those that are open: it closes a gap', async () => {
    await write(linesOf(1, 0, 1_000));
    await seeding();
    await tee(linesOf(2, 0, 300));
    await sink.flush();
    await tee(linesOf(3, 100, 250));
    await sink.flush();
    await tee(linesOf(4, 200, 400));
    await sink.flush();
    // Of the three files one is damaged and one is lost, and someone writes past the tee over what they held.
    const stored = (await readdir(join(backupDir, instance, database, retentionPolicy), { recursive: true }))
      .filter((name) => name.startsWith('20') && !name.startsWith('2000') && name.endsWith('.gz'))
      .sort();
    expect(stored).toHaveLength(3);
    const [, damaged = '', lost = ''] = stored.map((name) =>
      join(backupDir, instance, database, retentionPolicy, name),
    );
    await truncate(damaged, (await stat(damaged)).size - 9);
    await rm(lost);
    await write(linesOf(5, 250, 350));
    const openedMs = Date.now();
    await tee(linesOf(6, 340, 360)); // stands in a file that is open when the seed begins
    // However slow the machine is, the sink is not late: the seed lives in the moment of the heartbeat.
    const nowMs = await heartbeatOfOpenFile(openedMs);

    const report = await teeDuring(seeding({ again: true, clock: { ...clock, now: () => nowMs } }), 100);

    const files = await readdir(join(backupDir, instance, database, retentionPolicy), { recursive: true });
    expect(report.files).toBeGreaterThan(0);
    expect(files.length).toBeGreaterThan(report.files);

    await sink.close();

    const storage = new LocalStorage(backupDir);
    const { missing, closed } = await planRestore({ storage, instance });
    expect({ missing, closed }).toMatchObject({ missing: [], closed: [{ problem: 'resized' }, { problem: 'lost' }] });
    const verdict = await verify({ storage, instance, level: 'content', to: { url: server.url } });
    expect(verdict).toMatchObject({ outcome: 'EQUAL', notCompared: [] });
    const said = verdict.findings.map(({ problem, closed: isClosed }) => [problem, isClosed]);
    expect(said.sort()).toEqual([
      ['cut-off', true],
      ['lost', true],
      ['resized', true],
    ]);
    const restored = await expectEqualBothWays([damaged]);
    expect(restored).toMatchObject({ damagedFiles: [], closedFiles: [{ problem: 'cut-off', closed: true }] });
  });

  it('refuses a later seed where a sink is silent', async () => {
    await write(linesOf(1, 0, 10));
    await seeding();
    const openedMs = Date.now();
    await tee(linesOf(2, 0, 5));
    await heartbeatOfOpenFile(openedMs);
    const later = { ...clock, now: () => Date.now() + 3_600_000 };
    await expect(seeding({ again: true, clock: later })).rejects.toMatchObject({
      code: 'AGAIN_REFUSED',
      message: expect.stringContaining('is silent'),
    });
    await sink.close();
  });

  it('refuses a later seed where files are there that no ledger names', async () => {
    await write(linesOf(1, 0, 10));
    await seeding();

    await sink.close();

    const storage = new LocalStorage(backupDir);
    const spoolDir = join(folder, `spool-without-${runs}`);
    const other = await BackupSink.open({ storage, spoolDir, precision: 'ns', heartbeatMs: Infinity });
    await other.write({ instance, database, retentionPolicy }, { lines: linesOf(2, 0, 5), precision: 'ns' });
    await other.close();
    await expect(seeding({ again: true })).rejects.toMatchObject({
      code: 'AGAIN_REFUSED',
      message: expect.stringContaining('no ledger'),
    });
  });

  /** Waits until a heartbeat says that a file is open which was opened since then, and returns when that was. */
  async function heartbeatOfOpenFile(openedMs: number): Promise<number> {
    for (;;) {
      const [own] = await readOpenSince(new LocalStorage(backupDir), instance);
      if (own !== undefined && own.sink.open > 0 && own.ms >= openedMs) return own.sink.lastMs;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});
