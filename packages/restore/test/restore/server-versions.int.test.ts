import {
  isVersion,
  proxiedVersions,
  query,
  type VersionProxy,
  versionProxy,
  versionProxyAvailable,
  writeRaw,
} from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { ServerConnection } from '../../src/server/connection';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

const seriesMax = 100;
const isProxyAvailable = await versionProxyAvailable();

describeOnInfluxd(
  'restore into InfluxDB',
  (ground) => {
    describe('of the version that is installed', () => suite(() => ground.influxd));

    for (const version of proxiedVersions) {
      describe.skipIf(!isProxyAvailable)(`1.6 that answers as ${version} (needs influxd 1.6)`, () => {
        let proxy: VersionProxy;
        beforeAll(async () => {
          proxy = await versionProxy(ground.influxd, version);
        });
        afterAll(() => proxy.stop());
        suite(() => proxy);
      });
    }

    function suite(server: () => { readonly url: string; readonly version: string }): void {
      const since = (from: string) => isVersion(server().version, { from });
      const run = (lines: string) =>
        ground.run([{ database: ground.database, openedMs: startMs, lines }], { to: { url: server().url } });
      const rejected = async () => Object.values(await ground.workspace.rejected()).join('');
      const codes = async () =>
        [...(await rejected()).matchAll(/^# CERES-REASON: code=(\w+)/gm)].map(([, code]) => code);

      it('rejects exactly the series that do not fit', async () => {
        const lines = Array.from({ length: seriesMax + 10 }, (_, i) => `m,t=${i} v=${i} ${startS}\n`).join('');
        expect(await run(lines)).toMatchObject({ lines: seriesMax, rejected: 10 });
        expect(await codes()).toEqual(Array.from({ length: 10 }, () => 'LIMIT'));
        expect(await ground.countOf()).toBe(seriesMax);
      });

      it('stores every line of the series that exist, when lines of new series between them do not fit', async () => {
        const { database } = ground;
        await query(server().url, '', `CREATE DATABASE "${database}"`);
        const old = Array.from({ length: seriesMax }, (_, i) => `m,t=${i} v=0 1`).join('\n');
        await writeRaw(server().url, database, old);
        const lines = Array.from(
          { length: 20 },
          (_, i) => `m,t=${i % 2 === 0 ? i : seriesMax + i} v=${i} ${startS + i}\n`,
        );
        const report = await ground.run([{ database, openedMs: startMs, lines: lines.join('') }], {
          to: { url: server().url },
          intoExisting: true,
        });
        expect(report).toMatchObject({ lines: 10, rejected: 10 });
        expect(new Set(await codes())).toEqual(new Set(['LIMIT']));
        expect(await ground.countOf()).toBe(seriesMax + 10);
      });

      it('rejects exactly the lines whose field came first with another type, for 40 new fields at once', async () => {
        const good = Array.from({ length: 40 }, (_, i) => `m f${i}=1,v=1 ${startS + i}\n`);
        const bad = Array.from(
          { length: 40 },
          (_, i) => `m f${i}=1i,v=1 ${startS + 100 + i}\nm f${i}=2,v=2 ${startS + 200 + i}\n`,
        );
        expect(await run([...good, ...bad].join(''))).toMatchObject({ lines: 80, rejected: 40 });
        expect(await codes()).toEqual(Array.from({ length: 40 }, () => 'TYPE_CONFLICT'));
        expect(await ground.countOf()).toBe(80);
      });

      it('keeps a string over 1 MiB that the server refuses, and stores it where the server does', async ({ skip }) => {
        skip(['1.8.10', '1.12.4'].includes(server().version), 'slow, and as on the other two');
        const lines = `m s="${'x'.repeat(1_048_577)}" ${startS}\nm v=1 ${startS + 1}\n`;
        const refused = since('1.9') ? 1 : 0;
        expect(await run(lines)).toMatchObject({ lines: 2 - refused, rejected: refused });
        expect(await codes()).toEqual(since('1.9') ? ['TOO_LONG'] : []);
        expect(await ground.countOf()).toBe(1);
      });

      it('rejects no point for a field `time`, which the server leaves out', async () => {
        const lines = Array.from({ length: 20 }, (_, i) => `m ${i % 2 === 0 ? 'time=7,' : ''}v=${i} ${startS + i}\n`);
        expect(await run(lines.join(''))).toMatchObject({ lines: 20, rejected: 0 });
        expect(await ground.countOf()).toBe(20);
      });

      it('verifies what it has restored, and names what differs', async () => {
        const { database } = ground;
        const lines = Array.from({ length: 50 }, (_, i) => `m,t=${i % 5} v=${i},w="x" ${startS + i}\n`).join('');
        const policy = { duration: '876000h', shardDuration: '24h', replication: 1, isDefault: true };
        const storage = await backupOf({
          database,
          retentionPolicy: 'rp',
          openedMs: startMs,
          lines,
          header: { policy },
        });
        const options = { storage, instance: 'src', to: { url: server().url }, level: 'content' } as const;
        await restore(await planRestore({ storage, instance: 'src' }), { ...ground.options(), to: options.to });
        expect(await verify(options)).toMatchObject({ equal: true, points: 50 });
        await writeRaw(options.to.url, database, `m,t=0 v=7 ${startS}`, { rp: 'rp', precision: 's' });
        expect(await verify(options)).toMatchObject({
          equal: false,
          mismatches: [{ measurement: 'm', fields: ['v'] }],
        });
      });

      it('takes a shard that is gone as dropped', async () => {
        const clock = { now: () => Date.now(), sleep: async () => undefined };
        const patience = { patienceMs: 1_000, clock, signal: undefined };
        const connection = await ServerConnection.connect({ url: server().url }, patience);
        await expect(connection.dropShard(4_711)).resolves.toBeUndefined();
        await expect(connection.change('DROP SHARD nonsense')).rejects.toMatchObject({ code: 'SERVER_QUERY_FAILED' });
      });
    }
  },
  { data: { 'max-series-per-database': seriesMax } },
);
