import { type Influxd, influxdAvailable, influxdVersion, isVersion, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/http/client';
import { InfluxWriter } from '../../src/index';
import { resolveOptions } from '../../src/options';
import { waitUntilSettled } from '../../src/settle/settled';
import { allRows } from '../rows';

const to = { database: 'db', precision: 'ns' } as const;
const points = 50_000;

/** Returns the same points each time, with another value. */
function batch(value: number): Buffer {
  return Buffer.from(Array.from({ length: points }, (_, i) => `m,t=${i % 500} v=${value} ${i}`).join('\n'));
}

describe.skipIf(!(await influxdAvailable()))('settled()', () => {
  let influxd: Influxd;
  let writer: InfluxWriter;
  const start = async (writeTimeout: string) => {
    influxd = await startInfluxd({ settings: { coordinator: { 'write-timeout': writeTimeout } } });
    writer = new InfluxWriter({ url: influxd.url });
    await query(influxd.url, '', 'CREATE DATABASE db');
  };
  const sums = () => allRows({ url: influxd.url }, 'db', 'SELECT count(v), min(v), max(v) FROM m');

  describe('after the answer `timeout`', () => {
    beforeAll(() => start('1ms'));
    afterAll(() => influxd.stop());

    it('makes sure that a newer value, written next, is not overwritten', async () => {
      for (const value of [1, 2, 3, 4]) {
        expect(await writer.write(batch(value), to)).toEqual({
          kind: 'retry',
          code: 'TIMEOUT',
          ambiguous: true,
          message: 'HTTP 500: timeout',
        });
        await writer.settled();
        expect(await sums()).toEqual([['m', '', '0', String(points), String(value), String(value)]]);
      }
    });
  });

  describe('after a fault in one shard', () => {
    beforeAll(() => start('10s'));
    afterAll(() => influxd.stop());

    it('waits for the other shards, which are still being written', async () => {
      await writer.write(Buffer.from('m,t=0 v=1 1'), to);
      const elsewhere = BigInt(Date.UTC(2024, 0, 1)) * 1_000_000n;
      const good = Array.from({ length: points }, (_, i) => `m,t=${i % 500} v=2 ${elsewhere + BigInt(i)}`);
      const outcome = await writer.write(Buffer.from(['m,t=0 v="text" 2', ...good].join('\n')), to);
      expect(outcome).toMatchObject({ kind: 'partly', code: 'TYPE_CONFLICT', dropped: 1, ambiguous: true });
      await writer.settled();
      expect(await sums()).toEqual([['m', '', '0', String(points + 1), '1', '2']]);
    });
  });

  describe('after a lost connection', () => {
    beforeAll(() => start('10s'));
    afterAll(() => influxd.stop());

    it('waits until the whole batch is stored or none of it', async () => {
      const impatient = new InfluxWriter({ url: influxd.url, idleTimeoutMs: 10 });
      const outcome = await impatient.write(batch(1), to);
      expect(outcome).toMatchObject({ kind: 'retry', code: 'TIMEOUT', ambiguous: true });
      await writer.settled();
      const before = await sums();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await sums()).toEqual(before);
      await impatient.close();
    });

    it('waits for a server that hangs, but no longer than the signal allows', async () => {
      influxd.pause();
      const quick = new InfluxWriter({ url: influxd.url, idleTimeoutMs: 50 });
      await expect(quick.settled({ signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ name: 'TimeoutError' });
      const settled = quick.settled();
      influxd.resume();
      await settled;
      await quick.close();
    });
  });
});

const isBefore1_12 = (await influxdAvailable()) && isVersion(await influxdVersion(), { before: '1.12' });

describe.skipIf(!isBefore1_12)('requests that the server never counts as ended (InfluxDB before 1.12)', () => {
  const settings = (pprof: boolean) => ({
    coordinator: { 'write-timeout': '500ms' },
    http: { 'pprof-enabled': pprof },
  });

  it('do not delay settled() if the server shows its goroutines, else by twice its write timeout', async () => {
    const influxd = await startInfluxd({ settings: settings(true) });
    const server = { url: influxd.url };
    const writer = new InfluxWriter(server);
    const client = new HttpClient(resolveOptions(server));
    // Two types for a new field: the shard begins this request twice, and ends one.
    const conflict = (field: string) => writer.write(Buffer.from(`leak ${field}=1 1\nleak ${field}=1i 2`), to);
    try {
      await query(influxd.url, '', 'CREATE DATABASE db');
      await conflict('a');
      const shown = await timed(() => waitUntilSettled(client, undefined));

      await influxd.restart(settings(false));
      await conflict('b');
      const hidden = await timed(() => waitUntilSettled(client, undefined, 1));
      expect(hidden).toBeGreaterThanOrEqual(1_000);
      expect(shown).toBeLessThan(hidden);
    } finally {
      client.close();
      await writer.close();
      await influxd.stop();
    }
  });
});

async function timed(action: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await action();
  return performance.now() - startMs;
}
