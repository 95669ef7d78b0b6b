import { readdir } from 'node:fs/promises';
import { MemoryStorage } from '@ceres/storage';
import { isWholeDayKey, parseHeartbeatKey } from '@ceres/storage/internal';
import { expect, it } from 'vitest';
import { readLedger } from '../../campaign/model/read-ledger';
import { openSink, raw, SetClock, temporaryDirectory, to, until } from '../sink-harness';
import { expectChain } from './expect-chain';

const day = 86_400_000;

async function speaking(spoolDir: string, storage: MemoryStorage, clock: SetClock) {
  const { sink } = await openSink({ spoolDir, storage, clock, heartbeatMs: 300_000 });
  return sink;
}

it('the first heartbeat after a UTC day ends restates that whole day, as the last name in the folder of that day', async () => {
  const storage = new MemoryStorage();
  const clock = new SetClock();
  const sink = await speaking(await temporaryDirectory(), storage, clock);
  let said = 0;
  sink.on('heartbeat', () => {
    said += 1;
  });
  for (const n of [1, 2, 3]) {
    await sink.write(to, raw(n));
    await sink.flush();
    const before = said;
    clock.nowMs += 300_000;
    await until(() => said > before);
  }
  const { files, heartbeats: ofDay } = await readLedger(storage);
  const beforeMidnight = said;
  clock.nowMs += day / 2;
  await until(() => said >= beforeMidnight + 2);
  await sink.close();

  const { heartbeats } = await readLedger(storage);
  const whole = heartbeats.filter(({ isWholeDay }) => isWholeDay);
  expect(whole).toHaveLength(1);
  expect(whole[0]?.statement).toMatchObject({ day: '20260301', isWholeDay: true, part: 1, parts: 1 });
  expect(whole[0]?.stored.map(({ key }) => key).sort()).toStrictEqual([...files.keys()]);
  expect(whole[0]?.statement.previous).toBe(ofDay.at(-1)?.statement.id);
  const names: string[] = [];
  for await (const { key } of storage.list('~heartbeat/')) if (key.includes('/20260301/')) names.push(key);
  const parts = parseHeartbeatKey(names.at(-1) ?? '');
  expect(parts && isWholeDayKey(parts)).toBe(true);
  expect(heartbeats.filter(({ statement }) => statement.day === '20260302').length).toBeGreaterThan(1);
});

it('a day that ended while no sink ran is restated by the next run, and then forgotten by the spool', async () => {
  const spoolDir = await temporaryDirectory();
  const storage = new MemoryStorage();
  const clock = new SetClock();
  for (const n of [1, 2, 3]) {
    const sink = await speaking(spoolDir, storage, clock);
    await sink.write(to, raw(n));
    await sink.close();
    clock.nowMs += day;
  }
  const { heartbeats, files } = await readLedger(storage);
  const whole = heartbeats.filter(({ isWholeDay }) => isWholeDay);
  expect(whole.map(({ statement }) => statement.day)).toStrictEqual(['20260301', '20260302']);
  expect(whole.flatMap(({ stored }) => stored.map(({ key }) => key))).toStrictEqual([...files.keys()].slice(0, 2));
  expectChain(heartbeats);
  const left = await ledgerFiles(spoolDir);
  expect(left.every((name) => name.startsWith('20260303-'))).toBe(true);
});

it('a clock that is set back, across a restart as well, opens no day again and orders no heartbeat before another', async () => {
  const spoolDir = await temporaryDirectory();
  const storage = new MemoryStorage();
  const clock = new SetClock();
  const order: string[] = [];
  for (const byMs of [0, 2 * day, -3 * day, 0, day]) {
    clock.nowMs += byMs;
    const sink = await speaking(spoolDir, storage, clock);
    sink.on('heartbeat', ({ key }) => {
      order.push(parseHeartbeatKey(key)?.id ?? '');
    });
    await sink.write(to, raw(order.length));
    await sink.close();
  }
  expect(order).toStrictEqual([...order].sort());
  const { heartbeats, files, named } = await readLedger(storage);
  expect([...named.keys()].sort()).toStrictEqual([...files.keys()]);
  expectChain(heartbeats);
});

async function ledgerFiles(spoolDir: string): Promise<string[]> {
  return await readdir(`${spoolDir}/~spool/ledger/${to.instance}`);
}
