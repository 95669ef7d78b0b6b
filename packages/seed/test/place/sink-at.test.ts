import { StorageError } from '@ceres/storage';
import { expect, it } from 'vitest';
import { Bucket, hour, minute, ScriptedSink, site6, startMs } from '../../../storage/test/ledger/bucket';
import { wasSinkOpenAt } from '../../src/place/sink-at';

const clock = { now: () => startMs, sleep: async () => undefined };
const at = (ms: number, bucket: Bucket) =>
  wasSinkOpenAt(ms, {
    storage: bucket as never,
    instance: site6.instance,
    clock,
    signal: undefined,
  });

it('a sink was open between its first heartbeat and its last', async () => {
  const bucket = new Bucket();
  expect(await at(startMs, bucket)).toBe(false);
  const sink = new ScriptedSink(bucket, '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11');
  await sink.say(startMs);
  expect([await at(startMs - 1, bucket), await at(startMs, bucket), await at(startMs + hour, bucket)]).toEqual([
    false,
    true,
    true,
  ]);
  await sink.say(startMs + minute, { isLast: true });
  expect([await at(startMs + minute, bucket), await at(startMs + minute + 1, bucket)]).toEqual([true, false]);
});

it('it is not known whether a sink was open where the backup cannot be read', async () => {
  class Denied extends Bucket {
    // biome-ignore lint/correctness/useYield: it is refused
    override async *list(): AsyncGenerator<never> {
      throw new StorageError('DENIED', 'This credential creates, and does nothing else.');
    }
  }
  expect(await at(startMs, new Denied())).toBeUndefined();
});
