import type { IncomingMessage } from 'node:http';
import { growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { readCredential } from '../../../../src/tees/write-handler/credentials/credential';
import { glanceAt } from '../../../../src/tees/write-handler/credentials/first-glance';
import { ConnectionOrder } from '../../../../src/tees/write-handler/request/connection-order';
import { readRequestTarget } from '../../../../src/tees/write-handler/request/request-target';

const salt = Buffer.alloc(16);

/** Node limits the head of a request to 16 KB, but a service may raise that. */
describe('The time for the head of a request grows with its size and no faster', () => {
  it.each([
    ['path', (text: string) => `/${text}`],
    ['host and path', (text: string) => `http://${text}/write`],
    ['query', (text: string) => `/write?${text}=1`],
  ])('whatever is in the %s', async (_, url) => {
    const units = ['a', '/', './', '../', 'a/../', '%2f', '%', '=&', ';', '+'];
    const read = (text: string) => unlessRefused(() => readRequestTarget('POST', url(text)));
    expect(await superlinear(growingTexts(units, read))).toEqual([]);
  });

  it.each([
    ['Basic', (text: string) => `Basic ${text}`],
    ['Token', (text: string) => `Token ${text}`],
    ['Bearer', (text: string) => `Bearer ${text}`],
    ['an unknown scheme', (text: string) => text],
  ])('whatever stands behind %s', async (_, header) => {
    const units = ['a', ' ', ':', 'a:', '.', '=', 'YTph', '  a', 'Token '];
    const read = (text: string) => {
      const request = { headers: { authorization: header(text), cookie: text } } as unknown as IncomingMessage;
      return glanceAt(readCredential(request, new URLSearchParams({ u: text, p: text })), salt);
    };
    expect(await superlinear(growingTexts(units, read))).toEqual([]);
  });

  it('however many headers it has', async () => {
    const headers = {
      name: 'headers',
      prepare: (size: number) => {
        const names = Array.from({ length: size / 20 }, (__, n) => [`x-auth-token-${n}`, 'a']);
        const request = { headers: Object.fromEntries(names) } as unknown as IncomingMessage;
        return () => readCredential(request, new URLSearchParams());
      },
    };
    expect(await superlinear([headers])).toEqual([]);
  });
});

it('The time for requests on one connection grows with their number and no faster', async () => {
  const requests = {
    name: 'requests',
    prepare: (size: number) => async () => {
      const order = new ConnectionOrder();
      const request = { socket: {}, httpVersionMajor: 1 } as IncomingMessage;
      for (let n = 0; n < size / 100; n += 1) {
        const place = order.enter(request);
        place?.begun();
        if (n % 500 === 499) place?.done();
        await place?.before?.begun;
      }
    },
  };
  expect(await superlinear([requests])).toEqual([]);
});

function unlessRefused(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined; // Refusing it takes time, too.
  }
}
