import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AckQueue } from '../../src/write/ack-queue';

it('writers are acked in the order of their writes, and at most eight in a turn of the event loop', async () => {
  const acks = new AckQueue();
  const told: number[] = [];
  for (let n = 0; n < 20; n += 1) acks.add(() => told.push(n));
  const counts: number[] = [];
  while (told.length < 20) {
    await nextTurn();
    counts.push(told.length);
  }
  expect(told).toEqual([...told.keys()]);
  const perTurn = counts.map((count, turn) => count - (counts[turn - 1] ?? 0));
  expect(Math.max(...perTurn)).toBe(8);
});

it('a writer that is added while others are acked is acked after them', async () => {
  const acks = new AckQueue();
  const told: string[] = [];
  for (let n = 0; n < 9; n += 1) acks.add(() => told.push('first'));
  await nextTurn();
  acks.add(() => told.push('second'));
  while (!told.includes('second')) await nextTurn();
  expect(told.lastIndexOf('first')).toBe(8);
  acks.add(() => told.push('third'));
  await nextTurn();
  expect(told.at(-1)).toBe('third');
});
