import { createReport } from '@ceres/drill';
import { report } from '@ceres/testkit';
import { Bucket, hour, minute, ScriptedSink } from '../../storage/test/ledger/bucket';
import { page } from '../src/report/page';
import { fiveYears, nowMs } from '../test/report/years';

const bench = 'watch';
const days = 5 * 365;
const partitions = 50;

/** Measures the page of 50 databases over five years: how long it takes from the bucket on, and how large it is, healthy and with days of every kind. */
export async function run(): Promise<void> {
  const storage = await fiveYearsOfFiles();
  await createReport({ storage });
  const started = performance.now();
  const { html, isGood } = await createReport({ storage });
  const ms = performance.now() - started;
  if (!isGood || !html.includes('database_49')) throw new Error('Expected a page about a good backup.');
  report({ bench, case: 'report-ms', unit: 'ms', ours: ms });
  report({ bench, case: 'report-bytes', unit: 'bytes', ours: Buffer.byteLength(html) });
  const troubled = { status: fiveYears(partitions, true), drills: { certificates: [], refused: [] } };
  const { text } = page([troubled], { backup: 'gs://my-bucket', nowMs, goalMs: 3_600_000 });
  report({ bench, case: 'report-bytes-troubled', unit: 'bytes', ours: Buffer.byteLength(text) });
}

/** Makes a bucket with one file a day of each partition, whose sink has just said so. */
async function fiveYearsOfFiles(): Promise<Bucket> {
  const bucket = new Bucket();
  const sink = new ScriptedSink(bucket, '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11');
  const endMs = Date.now();
  for (let day = days; day >= 0; day -= 1) {
    const atMs = endMs - day * 24 * hour;
    for (let n = 0; n < partitions; n += 1) {
      sink.store(atMs - minute, { instance: sink.instance, database: `database_${n}`, retentionPolicy: 'rp' });
    }
    await sink.say(atMs);
  }
  return bucket;
}
