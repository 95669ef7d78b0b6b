import { superlinear } from '@ceres/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PendingFile } from '../../../storage/src/heartbeat/contents';
import { Bucket, hour, minute, ScriptedSink, site6, startMs, uuid } from '../../../storage/test/ledger/bucket';
import { backupStatus } from '../../src/index';

const sizes = [1_000, 10_000, 100_000, 1_000_000];
const sinkOf = (n: number) => `5d0c7b5e-9f1e-4c7a-8a4e-${n.toString(16).padStart(12, '0')}`;

/** Buckets of about a size, whose ledgers are made to take long to compare with what is stored. */
const buckets: Readonly<Record<string, (bucket: Bucket, sizeBytes: number) => Promise<void>>> = {
  'many sinks of one instance': async (bucket, sizeBytes) => {
    for (let n = 0; n < sizeBytes / 2_500; n += 1) await new ScriptedSink(bucket, sinkOf(n)).say(startMs + n);
  },
  'many instances': async (bucket, sizeBytes) => {
    for (let n = 0; n < sizeBytes / 2_500; n += 1) await new ScriptedSink(bucket, sinkOf(n), `i${n}`).say(startMs + n);
  },
  'heartbeats that say that others are missing': async (bucket, sizeBytes) => {
    const sink = new ScriptedSink(bucket, sinkOf(0));
    for (let n = 0; n < sizeBytes / 2_500; n += 1) {
      sink.previous = uuid(startMs);
      await sink.say(startMs + n);
    }
  },
  'files that were lost, hours apart and from the latest on': async (bucket, sizeBytes) => {
    const sink = new ScriptedSink(bucket, sinkOf(0));
    for (let n = 0; n < sizeBytes / 500; n += 1) bucket.objects.delete(sink.store(startMs - 3 * n * hour).key);
    await sink.say(startMs + minute);
  },
  'files that are late': async (bucket, sizeBytes) => {
    const pending = Array.from({ length: sizeBytes / 200 }, (_, n): PendingFile => {
      const key = `${site6.instance}/db/rp/20261126/${uuid(startMs - n)}.gz`;
      return { state: 'parked', key, sinceMs: startMs - n };
    });
    await new ScriptedSink(bucket, sinkOf(0)).say(startMs, { pending });
  },
};

afterEach(() => void vi.useRealTimers());

describe('The time for ledgers that someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(buckets))('grows with their size and no faster: %s', async (name, fill) => {
    const made = new Map<number, Bucket>();
    for (const sizeBytes of sizes) {
      const bucket = new Bucket();
      await fill(bucket, sizeBytes);
      made.set(sizeBytes, bucket);
    }
    vi.useFakeTimers({ now: startMs + hour, toFake: ['Date'] });
    const prepare = (sizeBytes: number) => () => backupStatus({ storage: made.get(sizeBytes) as Bucket });
    expect(await superlinear([{ name, prepare }])).toEqual([]);
  });
});
