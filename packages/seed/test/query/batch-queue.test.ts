import type { PointBatch } from '@ceres/tsm';
import { expect, it } from 'vitest';
import { BatchQueue } from '../../src/source/query/batch-queue';
import { batchOf } from '../support/points';

const batch = (n: number) => batchOf(`m${n}`, 'v', 'float', [[1n, n]]);

it('a queue lets its producer go on only when its batches were taken', async () => {
  const queue = new BatchQueue();
  let produced = 0;
  const produce = async () => {
    for (; produced < 5; produced += 1) {
      queue.add(batch(produced));
      await queue.whenEmpty();
    }
  };
  const seen: number[] = [];
  for await (const _ of queue.drain(produce)) seen.push(produced);
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

it('a queue passes the error of its producer on, behind what came before it', async () => {
  const queue = new BatchQueue();
  const seen: PointBatch[] = [];
  const drained = async () => {
    for await (const one of queue.drain(async () => {
      queue.add(batch(0));
      throw new Error('the server is gone');
    })) {
      seen.push(one);
    }
  };
  await expect(drained()).rejects.toThrow('the server is gone');
  expect(seen).toHaveLength(1);
});

it('a queue whose reader leaves ends its producer', async () => {
  const queue = new BatchQueue();
  let ended: unknown;
  const produce = async (signal: AbortSignal) => {
    queue.add(batch(0));
    await queue.whenEmpty();
    ended = signal.aborted;
  };
  for await (const _ of queue.drain(produce)) break;
  expect(ended).toBe(true);
});
