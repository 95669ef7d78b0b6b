import { setTimeout as delay } from 'node:timers/promises';
import { superlinear } from '@ceres/testkit';
import { bytesSource, type ShardFile } from '@ceres/tsm';
import { expect, it } from 'vitest';
import type { CompiledShard } from '../../src/compile/compiled-shard';
import { RestoreError } from '../../src/errors';
import { LoadRecord } from '../../src/journal/load-record';
import { Loader } from '../../src/native/loader';
import type { NativeRestore } from '../../src/native/native-restore';
import { ShardList } from '../../src/native/shard-list';

const HOUR_NS = 3_600_000_000_000n;
const measurement = { name: Buffer.from('m'), escapedName: Buffer.from('m') };
const sample = { seriesKey: Buffer.from('m'), timeNs: 0n, value: 1 };
const field = { name: Buffer.from('v'), type: 'float', values: 1, shown: 1, isTelling: true, sample };

/** A shard of one hour with one point. */
function shardAt(hour: number): CompiledShard {
  const startNs = BigInt(hour) * HOUR_NS;
  return {
    database: 'db',
    retentionPolicy: 'rp',
    startNs,
    endNs: startNs + HOUR_NS,
    files: [],
    sizeBytes: 0,
    values: 1,
    records: 1,
    databaseSeriesMax: 1,
    release: async () => undefined,
    measurements: [{ ...measurement, fields: [{ ...field, sample: { ...sample, timeNs: startNs } }] }],
  } as CompiledShard;
}

/** A server that creates a shard with the first point of its time, and shows all points. */
class FakeServer {
  #hours = new Set<number>();
  #list = new ShardList([]);
  /** The lines of all its answers. */
  listedLines = 0;
  uploads = 0;
  /** What was opened, closed and sent, in order. */
  readonly events: string[] = [];
  /** How often it says of a shard that it is being put into place. */
  disabledAnswers = 0;
  /** How often it shows nothing of a shard. */
  emptyAnswers = 0;
  readonly connection = {
    ask: async () => [],
    counts: async () => {
      if (this.disabledAnswers > 0) {
        this.disabledAnswers -= 1;
        throw new RestoreError('SERVER_QUERY_FAILED', 'The server answered: shard is disabled');
      }
      this.emptyAnswers -= 1;
      return this.emptyAnswers >= 0 ? new Map() : new Map([['m', new Map([['v', 1]])]]);
    },
  };
  /** Stops what compiles in this thread. */
  readonly way = {
    take: async (work: () => Promise<void>) => {
      this.events.push('stop');
      await work();
      this.events.push('go');
    },
  };
  readonly service = {
    uploadShard: async (_: unknown, files: readonly ShardFile[]) => {
      this.uploads += 1;
      this.events.push(`upload ${files.map(({ name }) => name).join(' ')}`);
    },
  };

  get listed(): number {
    return this.#list.shards.length;
  }

  shardAt(place: CompiledShard) {
    return this.#list.within(place)[0];
  }

  async listShards(): Promise<void> {
    const groups = [...this.#hours].map((hour, i) => {
      const startNs = BigInt(hour) * HOUR_NS;
      const group = { id: i + 1, startNs, endNs: startNs + HOUR_NS, shardIds: [i + 1] };
      return { database: 'db', retentionPolicy: 'rp', id: i + 1, group };
    });
    this.listedLines += groups.length;
    this.#list = new ShardList(groups);
  }

  async post(bytes: Uint8Array) {
    const time = /(\d+)\n$/.exec(Buffer.from(bytes).toString())?.[1] ?? '';
    this.#hours.add(Number(BigInt(time) / HOUR_NS));
    return { kind: 'stored' };
  }
}

async function load(shards: readonly CompiledShard[], server: FakeServer): Promise<LoadRecord> {
  const loads = new LoadRecord();
  const journal = {
    loads,
    done: { of: () => ({ find: () => -1 }) },
    load: async (...entries: Parameters<LoadRecord['apply']>[0][]) => entries.forEach((one) => void loads.apply(one)),
    add: async () => undefined,
  };
  let nowMs = 0;
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  const settings = { clock: { now: () => nowMs, sleep }, patienceMs: 1_000 };
  const { signal } = new AbortController();
  const native = { fill: false };
  const restore = { journal, server, poster: server, settings, native, signal, schema: new Map() };
  const parts = {
    limits: { begin: () => undefined, add: async () => undefined },
    compiler: { forget: () => undefined },
    way: server.way,
  };
  const loader = new Loader(restore as unknown as NativeRestore, parts as never);
  const each = async function* () {
    yield* shards;
  };
  await loader.load({ database: 'db', files: [] }, { shards: each(), files: [], read: Promise.resolve() });
  return loads;
}

it('The time to load shards grows with their number and no faster, although a server lists all of them at once', async () => {
  const prepare = (sizeBytes: number) => {
    const shards = Array.from({ length: sizeBytes / 250 }, (_, hour) => shardAt(hour));
    return async () => expect((await load(shards, new FakeServer())).loaded.size).toBe(shards.length);
  };
  expect(await superlinear([{ name: 'many shards', prepare }])).toEqual([]);
});

it('A server with few shards is asked after each one, and one with many after some', async () => {
  const server = new FakeServer();
  const shards = Array.from({ length: 1_000 }, (_, hour) => shardAt(hour));
  await load(shards.slice(0, 60), server);
  expect(server.listedLines).toBe((60 * 61) / 2);
  await load(shards.slice(60), server);
  expect(server.listedLines).toBeLessThan(100 * shards.length);
});

it('A shard that is being put into place is asked for again, and sent again only if the server does not show it then', async () => {
  const files = [{ sequence: 1, sizeBytes: 1, open: async () => bytesSource('file', Buffer.from('x')) }];
  const shard = { ...shardAt(1), files };
  const server = new FakeServer();
  server.disabledAnswers = 5;
  expect((await load([shard], server)).loaded.size).toBe(1);
  expect([server.uploads, server.disabledAnswers]).toEqual([1, 0]);

  const forgetful = new FakeServer();
  forgetful.emptyAnswers = 60; // for longer than it may take
  expect((await load([shard], forgetful)).loaded.size).toBe(1);
  expect(forgetful.uploads).toBeGreaterThan(1);

  const deaf = new FakeServer();
  deaf.emptyAnswers = Infinity;
  await expect(load([shard], deaf)).rejects.toMatchObject({ code: 'NOT_LOADED' });
  expect(deaf.uploads).toBe(5);
});

it('A shard goes in one upload, once all its files are open and nothing compiles in this thread, under names of generation 0 that are 1,000 apart and never used again', async () => {
  const server = new FakeServer();
  const { events } = server;
  const file = (sequence: number) => ({
    sequence,
    sizeBytes: 1,
    open: async () => {
      await delay(5); // a disk that makes one wait: while an upload waits, so do the writers of the shard
      events.push(`open ${sequence}`);
      const source = bytesSource('file', Buffer.from('x'));
      return { ...source, close: async () => void events.push(`close ${sequence}`) };
    },
  });
  const once = (names: string) => ['open 1', 'open 2', 'stop', `upload ${names}`, 'go', 'close 1', 'close 2'];
  server.emptyAnswers = 60; // so that it is sent once more
  expect((await load([{ ...shardAt(1), files: [file(1), file(2)] }], server)).loaded.size).toBe(1);
  expect(events.slice(0, 14)).toEqual([
    ...once('000000000-000001000.tsm 000000000-000002000.tsm'),
    ...once('000000000-000003000.tsm 000000000-000004000.tsm'),
  ]);
  expect(events.filter((event) => event.startsWith('upload'))).toHaveLength(server.uploads);
});
