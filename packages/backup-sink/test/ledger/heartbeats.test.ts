import { createHash } from 'node:crypto';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { readLedger } from '../../campaign/model/read-ledger';
import type { BackupSinkOptions } from '../../src/index';
import { openSink, raw, SetClock, temporaryDirectory, to, until } from '../sink-harness';
import { expectChain } from './expect-chain';

const heartbeatMs = 300_000;
const hour = 3_600_000;
const other = { instance: 'influxdb-1', database: 'db_9' };

/** A sink whose clock the test sets. */
async function openSpeaking(options: Partial<BackupSinkOptions> = {}, clock = new SetClock()) {
  const opened = await openSink({ heartbeatMs, clock, segmentAgeMsMax: 86_400_000, ...options });
  let heard = 0;
  opened.sink.on('heartbeat', () => {
    heard += 1;
  });
  /** Sets the clock forward, and waits for a heartbeat that was not waited for before. */
  let seen = 0;
  const next = async (byMs: number) => {
    clock.nowMs += byMs;
    seen += 1;
    await until(() => heard >= seen);
  };
  return { ...opened, clock, next, heard: () => heard };
}

async function bytesOf(storage: MemoryStorage, key = ''): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of storage.get(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('the heartbeats of a sink', () => {
  it('name each file that was stored since the last, once, with its size, digest, lines and times', async () => {
    const { sink, storage, next } = await openSpeaking();
    await sink.write(to, raw(1, 2));
    await sink.flush();
    await next(0);
    await sink.write(to, raw(7, 4));
    await sink.flush();
    await next(heartbeatMs);
    await sink.close();

    const { heartbeats, files } = await readLedger(storage);
    const seconds = [
      [1, 2],
      [4, 7],
    ];
    const expected = [...files.values()].map(async ({ key, sizeBytes }, i) => ({
      state: 'stored',
      key,
      sizeBytes,
      md5: createHash('md5')
        .update(await bytesOf(storage, key))
        .digest('base64'),
      lines: 2,
      fromNs: BigInt(1_700_000_000 + (seconds[i]?.[0] ?? 0)) * 1_000_000_000n,
      toNs: BigInt(1_700_000_000 + (seconds[i]?.[1] ?? 0)) * 1_000_000_000n,
    }));
    expect(heartbeats.flatMap(({ stored }) => stored)).toStrictEqual(await Promise.all(expected));
  });

  it('are chained: each names the one before, when the next is due, and the last of them that it is the last', async () => {
    const { sink, storage, next, clock } = await openSpeaking();
    await sink.write(to, raw(1));
    await next(0);
    await next(heartbeatMs);
    await sink.close();
    const said = (await readLedger(storage)).heartbeats.map(({ statement }) => statement);
    expect(said.map(({ previous }) => previous)).toStrictEqual([undefined, said[0]?.id, said[1]?.id]);
    expect(said.map(({ isLast }) => isLast)).toStrictEqual([false, false, true]);
    expect(said.map(({ nextDueByMs, atMs }) => nextDueByMs && nextDueByMs - atMs)).toStrictEqual([
      heartbeatMs + 60_000,
      heartbeatMs + 60_000,
      undefined,
    ]);
    expect(said.at(-1)?.storedUpToMs).toBe(clock.nowMs);
    expect(new Set(said.map(({ sink: id, writer }) => id + writer)).size).toBe(1);
  });

  it('name what the spool still holds, since when, and say that everything before that is stored', async () => {
    let isDenied = true;
    const fail = (_: string, key: string) =>
      isDenied && key.startsWith('influxdb-0/denied') ? new StorageError('DENIED', 'no') : undefined;
    const { sink, storage, next, clock } = await openSpeaking({ storage: new MemoryStorage({ fail }) });
    const startMs = clock.nowMs;
    await sink.write({ ...to, database: 'denied' }, raw(1));
    await sink.flush().catch(() => undefined);
    await next(0);
    clock.nowMs += 1000;
    await sink.write(to, raw(1, 2, 3));
    await next(heartbeatMs);
    const second = (await readLedger(storage)).heartbeats.at(-1);
    expect(second?.statement).toMatchObject({ open: 1, spooled: 0, parked: 1, storedUpToMs: startMs });
    expect(second?.pending).toStrictEqual([
      { state: 'parked', key: expect.stringMatching(/^influxdb-0\/denied\/rp_5d\//), sinceMs: startMs, lines: 1 },
      { state: 'open', key: expect.stringMatching(/^influxdb-0\/db_0\/rp_5d\//), sinceMs: startMs + 1000, lines: 3 },
    ]);
    isDenied = false;
    await sink.close();
    const last = (await readLedger(storage)).heartbeats.at(-1);
    expect(last?.pending.map(({ state }) => state)).toStrictEqual(['parked']);
    expect(last?.statement).toMatchObject({ open: 0, parked: 1, isLast: true, storedUpToMs: startMs });
  });

  it('come hourly while nothing changes, and soon again once something does', async () => {
    const { sink, storage, next, clock, heard } = await openSpeaking();
    await sink.write(to, raw(1));
    await sink.flush();
    await next(0);
    clock.nowMs += hour - 1;
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // two sweeps
    expect(heard()).toBe(1);
    await next(1);
    clock.nowMs += heartbeatMs;
    await sink.write(to, raw(2));
    await next(0);
    const dueMs = (await readLedger(storage)).heartbeats.map(
      ({ statement: { nextDueByMs = 0, atMs } }) => nextDueByMs - atMs,
    );
    expect(dueMs).toStrictEqual([hour, hour, heartbeatMs].map((ms) => ms + 60_000));
  });

  it('go on with the ledger of the process before, in another run', async () => {
    const spoolDir = await temporaryDirectory();
    const storage = new MemoryStorage();
    for (const n of [1, 2]) {
      const { sink } = await openSpeaking({ spoolDir, storage });
      await sink.write(to, raw(n));
      await sink.close();
    }
    const { heartbeats } = await readLedger(storage);
    expect(new Set(heartbeats.map(({ statement }) => statement.sink)).size).toBe(1);
    expect(new Set(heartbeats.map(({ statement }) => statement.writer)).size).toBe(2);
    expectChain(heartbeats);
    expect(heartbeats.filter(({ stored }) => stored.length > 0)).toHaveLength(2);
  });

  it('are kept apart for two instances of one sink', async () => {
    const { sink, storage } = await openSpeaking();
    await sink.write(to, raw(1));
    await sink.write(other, raw(2));
    await sink.close();
    const { heartbeats, files } = await readLedger(storage);
    for (const instance of [to.instance, other.instance]) {
      const own = heartbeats.filter(({ statement }) => statement.instance === instance);
      expect(own.flatMap(({ stored }) => stored.map(({ key }) => key))).toStrictEqual(
        [...files.keys()].filter((key) => key.startsWith(`${instance}/`)),
      );
      expect(own[0]?.statement.previous).toBeUndefined();
      expect(own.at(-1)?.statement.isLast).toBe(true);
    }
  });

  it('are not kept, nor is a ledger, if `heartbeatMs` is `Infinity`', async () => {
    const { sink, storage } = await openSink({ heartbeatMs: Infinity });
    await sink.write(to, raw(1));
    await sink.close();
    expect((await readLedger(storage)).heartbeats).toStrictEqual([]);
  });

  it('name a file of refused records, too', async () => {
    const { sink, storage } = await openSpeaking({ onInvalid: 'quarantine' });
    await sink.write(to, { lines: 'm v=1 1\nbad\n', precision: 's' });
    await sink.close();
    const { named, files } = await readLedger(storage);
    expect([...named.keys()].sort()).toStrictEqual([...files.keys()].sort());
    expect([...named.values()].find(({ key }) => key.startsWith('~quarantine/'))).toMatchObject({ lines: 1 });
  });
});
