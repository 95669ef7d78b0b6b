import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BodyBudget } from '../../../src/tees/http/body-budget';
import { ClientGone, Refusal } from '../../../src/tees/http/refusal';
import { readBody } from '../../../src/tees/http/request-body';
import { type Arrival, serve, watched } from './serve';

const silenceMsMax = 30_000;
const limits = { bodyBytesMax: 100, inflatedBytesMax: 100, silenceMsMax };
const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n';

describe('an upload', () => {
  let budget: BodyBudget;
  let socket: Socket;
  let arrival: Arrival;

  /** Begins the upload of 20 bytes; `arrival.handled` becomes its body, or what it was refused with. */
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    budget = new BodyBudget(100);
    const server = watched(async (request, response) => {
      const lease = budget.lease();
      const outcome = await readBody(request, limits, lease).catch((error: unknown) => error);
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

  it('that stalls is given up after a while', async () => {
    socket.write('half');
    await arrival.received(4);
    vi.advanceTimersByTime(silenceMsMax);
    const outcome = await arrival.handled;
    expect(outcome).toBeInstanceOf(Refusal);
    expect(outcome).toMatchObject({ status: 408, closes: true });
  });

  it('that trickles is waited for', async () => {
    for (let n = 1; n <= 5; n += 1) {
      vi.advanceTimersByTime(silenceMsMax - 1);
      socket.write('abcd');
      await arrival.received(4 * n);
    }
    expect(String(await arrival.handled)).toBe('abcd'.repeat(5));
  });

  it('that is aborted is nobody’s fault, and its memory is free again', async () => {
    socket.write('half');
    await arrival.received(4);
    expect(() => budget.lease().take(100)).toThrow(expect.objectContaining({ status: 503 }));
    socket.destroy();
    expect(await arrival.handled).toBeInstanceOf(ClientGone);
    expect(() => budget.lease().take(100)).not.toThrow();
  });
});
