import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHandler } from '../tools/start-handler';

const stepMs = 5_000;
const bodyBytesMax = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets as much time pass as the pace of an upload is measured in at once. */
async function pass(): Promise<void> {
  vi.advanceTimersByTime(stepMs);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Uploads that send most of their body at once, and then a byte at a time. */
async function startDripping(handler: Awaited<ReturnType<typeof startHandler>>, count: number, startBytes: number) {
  const { hostname, port } = new URL(handler.url);
  const drippers = [];
  for (let n = 0; n < count; n += 1) {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    socket.write(
      `POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: ${bodyBytesMax}\r\n\r\n${'#'.repeat(startBytes)}`,
    );
    const arrival = await handler.arrival(n);
    await arrival.received(startBytes);
    let sentBytes = startBytes;
    const drip = async () => {
      socket.write('#');
      sentBytes += 1;
      await arrival.received(sentBytes);
    };
    drippers.push({ drip, answer });
  }
  return drippers;
}

describe('an upload that drips', () => {
  it('is ended with 408 once it is slower than uploadBytesPerSecondMin for 30 s', async () => {
    const handler = await startHandler(undefined, {}, { bodyBytesMax, uploadBytesPerSecondMin: 1 });
    const [dripper] = await startDripping(handler, 1, 100);
    for (let step = 0; step < 6; step += 1) {
      await dripper?.drip(); // The 100 bytes at its start count in the first 30 s.
      await pass();
    }
    await dripper?.drip();
    await pass();
    vi.useRealTimers(); // The connection ends a moment after its answer.
    expect(await dripper?.answer).toMatch(/^HTTP\/1.1 408 [\s\S]*uploadBytesPerSecondMin/);
  });

  it('is read to its end at that pace', async () => {
    const handler = await startHandler(undefined, {}, { bodyBytesMax: 200, uploadBytesPerSecondMin: 1 });
    const line = `m v=1 1\n${'#'.repeat(60)}`;
    const { hostname, port } = new URL(handler.url);
    const socket = connect(Number(port), hostname);
    const answered = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
    socket.write(`POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: ${line.length}\r\n\r\n`);
    const arrival = await handler.arrival();
    for (let sent = 0; sent < line.length; sent += 5) {
      socket.write(line.slice(sent, sent + 5));
      await arrival.received(Math.min(sent + 5, line.length));
      if (sent + 5 < line.length) await pass();
    }
    expect(await answered).toMatch(/^HTTP\/1.1 204/);
    socket.destroy();
  });

  it('keeps no good client out: the slowest gives up its memory when others need it', async () => {
    const handler = await startHandler(
      undefined,
      {},
      { bodyBytesMax, inflatedBytesMax: bodyBytesMax, uploadBytesPerSecondMin: 0 },
    );
    const drippers = await startDripping(handler, 2, 950);
    const write = `m v=1 1\n${'#'.repeat(400)}`;
    expect((await handler.post('/write?db=d', write)).status).toBe(503); // No upload is known to be slow yet.
    for (let step = 0; step < 2; step += 1) {
      await drippers[1]?.drip();
      await pass();
    }
    expect((await handler.post('/write?db=d', write)).status).toBe(204);
    vi.useRealTimers();
    expect(await drippers[0]?.answer).toMatch(/^HTTP\/1.1 408 [\s\S]*others need the memory/);
    await drippers[1]?.drip(); // Still read: one was enough.
  });

  it('holds what has arrived of it, and not what it declares', async () => {
    const handler = await startHandler(undefined, {}, { bodyBytesMax, inflatedBytesMax: bodyBytesMax });
    await startDripping(handler, 8, 1);
    expect((await handler.post('/write?db=d', `m v=1 1\n${'#'.repeat(900)}`)).status).toBe(204);
  });
});
