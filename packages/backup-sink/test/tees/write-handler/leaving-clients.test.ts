import { randomBytes } from 'node:crypto';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { teeStats } from '../../../src/index';
import { sendRaw } from './tools/client';
import { startHandler } from './tools/start-handler';

const head = (bytes: number) => `POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`;

describe('a client that leaves', () => {
  it('in the middle of its upload leaves nothing behind', async () => {
    const { url, fake, lines, sink, arrival } = await startHandler();
    const received = arrival().then((request) => request.received(8));
    expect(await sendRaw(url, `${head(100)}m v=1 1\n`, received)).toBe('');
    await (await arrival()).handled;
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('while InfluxDB has not answered takes nothing back: both sides get the write', async () => {
    const asked = deferred();
    const { url, handler, lines, arrival } = await startHandler(async (_, response) => {
      asked.resolve();
      await (await arrival()).closed;
      response.writeHead(204).end();
    });
    await sendRaw(url, `${head(7)}m v=1 5`, asked.promise);
    await (await arrival()).handled;
    expect(teeStats(handler)).toMatchObject({ writes: 1, influxErrors: 0 });
    expect(await lines()).toEqual(['db_0/~default m v=1 5']);
  });

  it('while the spool is full takes its write with it: neither side gets it', async () => {
    const gate = deferred();
    const storage = new MemoryStorage();
    const gated = { put: (...args: Parameters<typeof storage.put>) => gate.promise.then(() => storage.put(...args)) };
    const { url, sink, fake, arrival } = await startHandler(undefined, { storage: gated, spoolBytesMax: 8192 });
    const to = { instance: 'influxdb-0', database: 'db_0' };
    // Random digits, so that there is no room for the second one even when this is compressed.
    await sink.write(to, { lines: `m v="${randomBytes(1500).toString('hex')}" 1`, precision: 'ns' });
    const full = deferred();
    sink.on('full', full.resolve);
    const line = `m v="${'x'.repeat(6000)}" 1`;
    await sendRaw(url, head(line.length) + line, full.promise);
    await (await arrival()).handled;
    gate.resolve();
    await sink.flush(); // Now there would be room for a write that still waits.
    expect(sink.stats().acceptedLines).toBe(1);
    expect(fake.seen).toEqual([]);
  });
});

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
