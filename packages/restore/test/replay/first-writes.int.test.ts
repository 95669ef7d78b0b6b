import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

const dayS = 86_400;
/** How long the proxy holds a write back: others that are not kept waiting arrive in that time. */
const heldMs = 30;

/** Passes all requests on, and notes each pair of writes that touched a shard at once before anything was stored in it. */
class Watch {
  readonly clashes: string[] = [];
  writes = 0;
  readonly #inFlight = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #server: Server;

  constructor(url: string) {
    this.#server = createServer(async (incoming, outgoing) => {
      const body = await buffer(incoming);
      const shards = incoming.url?.startsWith('/write') ? shardsIn(body.toString()) : [];
      if (shards.length > 0) this.#begin(shards);
      const { method = '', url: path = '', headers } = incoming;
      const passed = request(new URL(path, url), { method, headers }, async (answer) => {
        const bytes = await buffer(answer);
        if (shards.length > 0) await delay(heldMs);
        this.#end(shards, answer.statusCode === 204);
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(bytes);
      });
      passed.end(body);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #begin(shards: readonly string[]): void {
    this.writes += 1;
    for (const shard of shards) {
      const others = this.#inFlight.get(shard) ?? 0;
      if (others > 0 && !this.#stored.has(shard)) this.clashes.push(shard);
      this.#inFlight.set(shard, others + 1);
    }
  }

  #end(shards: readonly string[], isStored: boolean): void {
    for (const shard of shards) {
      this.#inFlight.set(shard, (this.#inFlight.get(shard) ?? 0) - 1);
      if (isStored) this.#stored.add(shard);
    }
  }
}

function shardsIn(lines: string): string[] {
  const times = [...lines.matchAll(/ (\d+)$/gm)].map(([, time]) => Number(time));
  return [...new Set(times.map((time) => `day ${Math.floor(time / dayS)}`))];
}

describeOnInfluxd('restore', (ground) => {
  it('sends nothing else to a new shard before its first write is stored', async () => {
    const watch = new Watch(ground.influxd.url);
    const { database } = ground;
    try {
      const url = await watch.listen();
      // The first file lies in a day, the second goes on in it and in the two after it.
      const files = [1, 3].map((days, i) => ({
        database,
        openedMs: startMs + i,
        lines: Array.from({ length: 60 }, (_, n) => `m,t=${n} v=${n} ${startS + i + (n % days) * dayS}\n`).join(''),
      }));
      const policies = { '': { duration: 'INF', shardDuration: '1d' } };
      expect(await ground.run(files, { to: { url }, policies })).toMatchObject({ lines: 120 });
      expect(watch.writes).toBeGreaterThanOrEqual(4); // every lane has sent something
      expect(watch.clashes).toEqual([]);
    } finally {
      watch.close();
    }
  });
});
