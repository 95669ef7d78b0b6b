import { OutgoingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InfluxWriter } from '../src/index';
import { hostileServer, httpServer } from './fake-server';

const to = { database: 'db', precision: 'ns' } as const;
const mebibyte = 1024 * 1024;
const lines = Buffer.from('m v=1 1\n'.repeat((5 * mebibyte) / 8 + 1));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a large body', () => {
  it('arrives whole, in pieces between which the event loop has its turn', async () => {
    const received: Buffer[] = [];
    await using server = await httpServer((request, response) => {
      void buffer(request).then((body) => {
        received.push(body);
        response.writeHead(204).end();
      });
    });
    const write = vi.spyOn(OutgoingMessage.prototype, 'write');
    const writer = new InfluxWriter({ url: server.url, gzip: false });
    expect(await writer.write(lines, to)).toEqual({ kind: 'stored' });
    await writer.close();
    expect(received[0]?.equals(lines)).toBe(true);
    const pieces = write.mock.calls.map(([piece]) => (piece as Buffer).byteLength);
    expect(pieces).toEqual(Array.from({ length: 5 }, () => mebibyte));
  });

  it('is not sent on once the connection is gone', async () => {
    await using server = await hostileServer((socket) => socket.destroy());
    const write = vi.spyOn(OutgoingMessage.prototype, 'write');
    const writer = new InfluxWriter({ url: server.url, gzip: false });
    const large = Buffer.alloc(64 * mebibyte, lines);
    expect(await writer.write(large, to)).toMatchObject({ kind: 'retry', code: 'UNREACHABLE', ambiguous: true });
    await writer.close();
    expect(write.mock.calls.length).toBeLessThan(64);
  });
});
