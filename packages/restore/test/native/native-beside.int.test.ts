import { join } from 'node:path';
import { type Influxd, influxdAvailable, query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { BackupFile } from '../support/backup';
import { COMPACTS_AT_ONCE, compacted } from '../support/compacted';
import { numbered, startMs, startS } from '../support/ground';
import { NativeGround } from '../support/native';
import { contentOf, nativeOf } from '../support/native-content';

const precision = 's';
const fileOf = (lines: string, more: Partial<BackupFile> = {}): BackupFile => {
  return { database: 'db', openedMs: startMs, lines, ...more };
};

/** Writes points into a shard, of the types that it has and of others, until it is stopped. */
class Writer {
  /** The values that were acknowledged, as `contentOf` shows them. */
  readonly acked = new Map<string, string>();
  readonly statuses = new Set<number>();
  readonly #running: Promise<void>;
  #isStopped = false;

  constructor(server: Influxd) {
    this.#running = this.#run(server);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run({ url }: Influxd): Promise<void> {
    for (let i = 0; !this.#isStopped; i += 1) {
      const seconds = startS + i;
      const good = await writeRaw(url, 'db', `m,t=live f1="${i}",f2=${i}i,f3=${i} ${seconds}`, { precision });
      this.statuses.add(good.status);
      const key = (field: string) => `db.autogen m,t=live ${field} ${seconds}000000000`;
      if (good.status === 204) {
        this.acked.set(key('f1'), `string ${i}`).set(key('f2'), `integer ${i}`).set(key('f3'), `float ${i}`);
      }
      this.statuses.add((await writeRaw(url, 'db', `m,t=live f3="odd" ${seconds}`, { precision })).status);
    }
  }
}

describe.skipIf(!(await influxdAvailable())).each(['inmem', 'tsi1'] as const)(
  'a native restore beside others (%s)',
  async (index) => {
    const ground = new NativeGround();

    it('claims fields and loads while others write, of right and of wrong types, and no acked point is lost by then or later', async () => {
      const server = await ground.start(index);
      await query(server.url, '', 'CREATE DATABASE db');
      await writeRaw(server.url, 'db', `m,t=live f1="x",f2=1i,f3=1 ${startS}`, { precision });
      const writer = new Writer(server);
      const value = (field: number, i: number) => ['', `${i}`, `${i}.5`, `${i}`, `${i}i`, '"new"'][field];
      // The live shard has two of the five fields with another type.
      const lines = Array.from({ length: 2_000 }, (_, i) => {
        const field = 1 + (i % 5);
        return `m,t=backup f${field}=${value(field, i)} ${startS + i}\n`;
      });
      const native = { ...nativeOf(server), fill: true };
      const { report } = await ground.restore(server, [fileOf(lines.join(''))], { native });
      await writer.stop();
      expect(report).toMatchObject({ lines: 1_200, rejected: 800 });
      expect(report.typeConflicts).toEqual([
        'db.autogen.m.f1: the backup has float, the shard string',
        'db.autogen.m.f2: the backup has float, the shard integer',
      ]);
      expect([...writer.statuses]).toEqual(expect.arrayContaining([204, 400]));
      expect(writer.acked.size).toBeGreaterThan(30);
      const check = async () => {
        const content = await contentOf(server);
        for (const [key, acked] of writer.acked) expect(content.get(key), key).toBe(acked);
        const loaded = [...content].filter(([key]) => key.startsWith('db.autogen m,t=backup '));
        expect(loaded.map(([key]) => key.split(' ')[2]).filter((field) => field === 'f1' || field === 'f2')).toEqual(
          [],
        );
        expect(loaded).toHaveLength(1_200);
        expect([...content.keys()].filter((key) => key.includes('ceres_claim'))).toEqual([]);
        const rows = await query(server.url, 'db', `SELECT COUNT(*) FROM m WHERE t = 'backup'`);
        const [row] = rows.map(({ columns, values }) => columns.map((name, i) => `${name} ${values[0]?.[i]}`).slice(1));
        expect(row).toEqual(expect.arrayContaining(['count_f3 400', 'count_f4 400', 'count_f5 400']));
      };
      await check();
      await server.restart();
      await check();
      await server.restart({ data: { 'index-version': index, ...COMPACTS_AT_ONCE } });
      await compacted(join(server.dataDir, 'data', 'db', 'autogen'));
      await check();
      await server.restart({ data: { 'index-version': index } });
      await check();
    });

    it('touches nothing else on the server: other databases, their policies, shards and queries', async () => {
      const server = await ground.start(index);
      await query(server.url, '', 'CREATE DATABASE other WITH DURATION 520w SHARD DURATION 3d NAME "kept"');
      await query(server.url, '', 'CREATE RETENTION POLICY more ON other DURATION INF REPLICATION 1');
      const every =
        'CREATE CONTINUOUS QUERY cq ON other BEGIN SELECT mean(v) INTO other.more.n FROM m GROUP BY time(1h) END';
      await query(server.url, '', every);
      await query(server.url, '', `CREATE USER reader WITH PASSWORD 'x'`);
      const nowS = Math.floor(Date.now() / 1_000);
      await writeRaw(server.url, 'other', `m,ceres_claim=mine v=1 ${nowS}\nm v="x",w=1i ${nowS - 9 * 86_400}`, {
        precision,
      });
      const others = async () => {
        const shards = (await query(server.url, '', 'SHOW SHARDS')).filter(({ name }) => name === 'other');
        const asked = [
          'SHOW RETENTION POLICIES ON other',
          'SHOW CONTINUOUS QUERIES',
          'SHOW USERS',
          'SHOW SERIES ON other',
        ];
        const rows = await Promise.all(asked.map((q) => query(server.url, '', q)));
        const said = rows.flat().filter(({ name }) => name !== 'db');
        return { shards, said, content: [...(await contentOf(server))].filter(([key]) => key.startsWith('other.')) };
      };
      const before = await others();
      expect(before.content).toHaveLength(3);
      await ground.restore(server, [fileOf(numbered(10))]);
      await ground.restore(server, [fileOf('m v=1 1\nk,t=a v="x" 1\n')], {
        native: { ...nativeOf(server), fill: true },
      });
      expect([...(await contentOf(server)).keys()].filter((key) => key.startsWith('db.'))).toHaveLength(12);
      expect(await others()).toEqual(before);
    });
  },
);

describe.skipIf(!(await influxdAvailable()))('a native restore of names that a server cannot have', async () => {
  const ground = new NativeGround();

  it('leaves out what the write path leaves out, with the same reasons, and loads the rest', async () => {
    const files = [
      fileOf(numbered(10)),
      fileOf(numbered(3), { database: '..', openedMs: startMs + 2 }),
      fileOf(numbered(3), { retentionPolicy: 'a/b', openedMs: startMs + 3 }),
      fileOf(numbered(3), { retentionPolicy: 'undefined', openedMs: startMs + 4 }),
    ];
    const [ours, theirs] = [await ground.start(), await ground.start()];
    const loaded = await ground.restore(ours, files);
    const written = await ground.restore(theirs, files, { native: undefined, lanes: 1 } as object);
    expect(written.report.leftOut).toHaveLength(3);
    // What is left out is not read: it is no file in the wrong place either.
    expect(loaded.report).toMatchObject({ files: 1, damagedFiles: [] });
    expect({ ...loaded.report, elapsedMs: 0 }).toEqual({ ...written.report, elapsedMs: 0 });
    const content = await contentOf(ours);
    expect(content.size).toBe(10);
    expect(content).toEqual(await contentOf(theirs));
  });
});
