import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { BodyBudget } from '../../src/tees/http/body-budget';
import { ClientGone, Refusal } from '../../src/tees/http/refusal';
import { readBody } from '../../src/tees/http/request-body';
import { sendRaw, serve } from './handler';

const limits = { bodyBytesMax: 100, inflatedBytesMax: 100, silenceMsMax: 50 };
const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n';

/** What became of the body of a request, and of its lease. */
async function readOne(send: (url: string) => Promise<unknown>): Promise<{ outcome: unknown; budget: BodyBudget }> {
  const budget = new BodyBudget(100);
  let settle: (outcome: unknown) => void = () => undefined;
  const outcome = new Promise((resolve) => {
    settle = resolve;
  });
  const url = await serve(async (request: IncomingMessage, response) => {
    const lease = budget.lease();
    settle(await readBody(request, limits, lease).catch((error: unknown) => error));
    lease.release();
    response.end();
  });
  const sent = send(url);
  const result = await outcome;
  await sent;
  return { outcome: result, budget };
}

describe('an upload', () => {
  it('that stalls is given up after a while', async () => {
    const { outcome } = await readOne((url) => sendRaw(url, `${head}half`, { hangUpAfterMs: 200 }));
    expect(outcome).toBeInstanceOf(Refusal);
    expect(outcome).toMatchObject({ status: 408, closes: true });
  });

  it('that trickles is waited for', async () => {
    const { outcome } = await readOne(async (url) => {
      const body = new ReadableStream({
        async start(controller) {
          for (let n = 0; n < 5; n += 1) {
            controller.enqueue(Buffer.from('abcd'));
            await new Promise((resolve) => setTimeout(resolve, 25));
          }
          controller.close();
        },
      });
      await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit);
    });
    expect(Buffer.from(outcome as Uint8Array).toString()).toBe('abcd'.repeat(5));
  });

  it('that is aborted is nobody’s fault, and its memory is free again', async () => {
    const { outcome, budget } = await readOne((url) => sendRaw(url, `${head}half`, { hangUpAfterMs: 20 }));
    expect(outcome).toBeInstanceOf(ClientGone);
    expect(() => budget.lease().take(100)).not.toThrow();
    expect(() => budget.lease().take(1)).toThrow(expect.objectContaining({ status: 503 }));
  });
});
