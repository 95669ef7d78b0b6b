import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientGone, Refusal } from '../../../../src/tees/write-handler/reply';
import { BodyBudget } from '../../../../src/tees/write-handler/request/body-budget';
import { decodeBody, receiveBody } from '../../../../src/tees/write-handler/request/request-body';
import { type Arrival, serve, watched } from '../tools/serve';

const silenceMsMax = 30_000;
const uploadMsMax = 300_000;
const uploadBytesPerSecondMin = 0;
const sizes = { bodyBytesMax: 100, inflatedBytesMax: 100, linesMax: 10, lineBytesMax: 100 };
const limits = { ...sizes, silenceMsMax, uploadMsMax, uploadBytesPerSecondMin };
const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n';

describe('an upload', () => {
  let budget: BodyBudget;
  let socket: Socket;
  let arrival: Arrival;

  /** Begins an upload of 20 bytes; `arrival.handled` settles with its body, or with its refusal. */
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    budget = new BodyBudget(100);
    const server = watched(async (request, response) => {
      const lease = budget.lease();
      const outcome = await receiveBody(request, limits, lease).catch((error: unknown) => error);
      lease.release();
      response.end();
      return outcome;
    });
    const { hostname, port } = new URL(await serve(server.listener));
    socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(head);
    arrival = await server.arrival();
  });

  afterEach(() => {
    socket.destroy();
    vi.useRealTimers();
  });

  it('that stalls is given up after silenceMsMax', async () => {
    socket.write('half');
    await arrival.received(4);
    vi.advanceTimersByTime(silenceMsMax);
    const outcome = await arrival.handled;
    expect(outcome).toBeInstanceOf(Refusal);
    expect(outcome).toMatchObject({ status: 408, closes: true });
  });

  it('that trickles is read to its end', async () => {
    for (let n = 1; n <= 5; n += 1) {
      vi.advanceTimersByTime(silenceMsMax - 1);
      socket.write('abcd');
      await arrival.received(4 * n);
    }
    expect(String(await arrival.handled)).toBe('abcd'.repeat(5));
  });

  it('that trickles forever is given up after uploadMsMax', async () => {
    for (let n = 1; n <= 10; n += 1) {
      vi.advanceTimersByTime(silenceMsMax - 1);
      socket.write('a');
      await arrival.received(n);
    }
    vi.advanceTimersByTime(uploadMsMax - 10 * (silenceMsMax - 1));
    expect(await arrival.handled).toMatchObject({
      status: 408,
      closes: true,
      message: expect.stringMatching(/300000 ms/),
    });
  });

  it('that is aborted ends as ClientGone, and its memory is free again', async () => {
    socket.write('half');
    await arrival.received(4);
    expect(() => budget.lease().take(100)).toThrow(expect.objectContaining({ status: 503 }));
    socket.destroy();
    expect(await arrival.handled).toBeInstanceOf(ClientGone);
    expect(() => budget.lease().take(100)).not.toThrow();
  });
});

describe('a gzip body', () => {
  const kibibyte = 1024;
  const limits = {
    linesMax: 1_000_000,
    lineBytesMax: 1_000_000,
    bodyBytesMax: 1e6,
    inflatedBytesMax: 64 * kibibyte * kibibyte,
    silenceMsMax,
    uploadMsMax,
    uploadBytesPerSecondMin,
  };

  /** Returns what becomes of the body, and what was taken from the lease. */
  async function read(body: Buffer, budget: BodyBudget) {
    const lease = budget.lease();
    const takes: number[] = [];
    const counting = {
      ...lease,
      take: (bytes: number) => {
        lease.take(bytes);
        takes.push(bytes);
      },
    };
    const request = Readable.from([body]) as unknown as IncomingMessage;
    const outcome = await receiveBody(Object.assign(request, { headers: {} }), limits, counting)
      .then((received) => decodeBody(received, 'gzip', limits, counting))
      .catch((error: unknown) => error);
    return { outcome, takes };
  }

  it('is charged while it inflates, so that several at once cannot exceed the budget', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * kibibyte * kibibyte));
    const budgetBytes = 4 * kibibyte * kibibyte;
    const budget = new BodyBudget(budgetBytes);
    const bombs = await Promise.all(Array.from({ length: 4 }, () => read(bomb, budget)));
    for (const { outcome } of bombs) expect(outcome).toMatchObject({ status: 503 });
    const takes = bombs.flatMap((one) => one.takes);
    expect(Math.max(...takes)).toBeLessThanOrEqual(256 * kibibyte);
    expect(takes.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(budgetBytes - 256 * kibibyte);
  });

  it('that inflates too far is refused before it is inflated', async () => {
    const { outcome, takes } = await read(gzipSync(Buffer.alloc(2 * limits.inflatedBytesMax)), new BodyBudget(1e9));
    expect(outcome).toMatchObject({ status: 413 });
    expect(takes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(
      limits.inflatedBytesMax + limits.bodyBytesMax,
    );
  });

  it('is returned whole, however many chunks it inflates to', async () => {
    const lines = 'm v=1 1\n'.repeat(200_000);
    const { outcome, takes } = await read(gzipSync(lines), new BodyBudget(1e9));
    expect(String(outcome) === lines).toBe(true);
    expect(takes.length).toBeGreaterThan(2);
  });
});
