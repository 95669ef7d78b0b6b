import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { teeStats } from '../../../src/index';
import { afterTest } from '../backup';
import { answerWith } from '../fake-influx';
import { startHandler } from './tools/start-handler';

afterEach(() => void vi.useRealTimers());

describe('the write handler, when one side fails:', () => {
  it('answers 503 with Retry-After if the sink fails, and sends nothing to InfluxDB', async () => {
    const { post, fake, sink } = await startHandler();
    await sink.close();
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(JSON.parse(answer.body).error).toContain('InfluxDB was not asked');
    expect(fake.seen).toEqual([]);
  });

  it("writes to InfluxDB and counts it if the sink fails and onSinkError is 'continue'", async () => {
    const { post, fake, sink, handler } = await startHandler(undefined, {}, { onSinkError: 'continue' });
    await sink.close();
    expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(204);
    expect(fake.writes()).toHaveLength(1);
    expect(teeStats(handler)).toMatchObject({ withoutBackup: 1 });
  });

  it.each([
    ['reject', 503, 0],
    ['continue', 204, 1],
  ] as const)(
    'with onSinkError %j, answers %i after 30 s if the spool is full and does not drain',
    async (onSinkError, status, asked) => {
      const stuck = { put: () => new Promise<never>(() => undefined) };
      const limits = { storage: stuck, spoolBytesMax: 8192 };
      const { post, fake, sink, handler } = await startHandler(undefined, limits, { onSinkError });
      afterTest(() => sink.close({ timeoutMs: 1 }));
      const incompressible = `m v="${randomBytes(1500).toString('hex')}" 1`;
      await sink.write({ instance: 'influxdb-0', database: 'db_0' }, { lines: incompressible, precision: 'ns' });
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const full = new Promise((resolve) => sink.on('full', resolve));
      const posted = post('/write?db=db_0', `m v="${'x'.repeat(6000)}" 1`);
      await full;
      vi.advanceTimersByTime(30_000);
      vi.useRealTimers();
      const answer = await posted;
      expect(answer.status).toBe(status);
      if (status === 503) expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      expect(fake.writes()).toHaveLength(asked);
      expect(teeStats(handler)).toMatchObject({
        sinkErrors: 1,
        withoutBackup: asked,
        lastSinkError: { code: 'SPOOL_FULL' },
      });
      expect(sink.stats().acceptedLines).toBe(1);
    },
  );

  it('answers 502 if InfluxDB is down, or 204 if it stores and forwards', async () => {
    for (const [onInfluxError, status] of [
      ['reject', 502],
      ['resolve', 204],
    ] as const) {
      const { post, lines, fake, handler } = await startHandler(undefined, {}, { onInfluxError });
      expect((await post('/write?db=db_0', 'm v=0 1')).status).toBe(204); // InfluxDB accepts the client
      await fake.stop();
      expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(status);
      expect(await lines()).toHaveLength(2);
      expect(teeStats(handler)).toMatchObject({ influxErrors: 1 });
    }
  });

  it("passes InfluxDB's 5xx on, or answers 204 if it stores and forwards", async () => {
    for (const [onInfluxError, status] of [
      ['reject', 500],
      ['resolve', 204],
    ] as const) {
      const { post, lines } = await startHandler(answerWith(500, { error: 'timeout' }), {}, { onInfluxError });
      expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(status);
      expect(await lines()).toHaveLength(1);
    }
  });

  it("passes InfluxDB's refusal on, even if it stores and forwards, logs it loudly and counts it", async () => {
    const error = vi.fn();
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
    const refusing = answerWith(401, { error: 'no' });
    const { post, handler, fake } = await startHandler(refusing, { logger }, { onInfluxError: 'resolve' });
    for (let n = 1; n <= 2; n += 1) {
      expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(401);
      expect(teeStats(handler)).toMatchObject({ influxErrors: n, unauthorized: n });
      expect(error).toHaveBeenLastCalledWith(expect.anything(), expect.stringContaining('refuses the credentials'));
      expect(fake.asked).toHaveLength(n); // a remembered answer that was wrong is asked for again
    }
  });

  it('passes on that InfluxDB stored only a part, and teeStats names the outcome', async () => {
    const error = 'partial write: points beyond retention policy dropped=1';
    const { post, handler } = await startHandler((_, response) => {
      response.writeHead(400, { 'x-influxdb-error': error }).end(JSON.stringify({ error }));
    });
    expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(400);
    const { lastInfluxError } = teeStats(handler);
    expect(lastInfluxError).toMatchObject({ code: 'PARTLY', outcome: { code: 'EXPIRED', dropped: 1 } });
  });

  it('answers 504 after influxTimeoutMs if InfluxDB is silent', async () => {
    const { post, lines } = await startHandler(() => undefined, {}, { influxTimeoutMs: 50 });
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer.status).toBe(504);
    expect(JSON.parse(answer.body).error).toContain('the points are backed up');
    expect(await lines()).toHaveLength(1);
  });
});
