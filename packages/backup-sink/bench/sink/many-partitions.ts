import type { BackupSink } from '@ceres/backup-sink';
import { compare } from '@ceres/testkit';
import { pool, to, withWriters } from './data';
import { bench, withSink } from './harness';

/** The same small writes, round-robin over a thousand open partitions, and into one; the first round opens them. */
export async function manyPartitions(): Promise<void> {
  const writes = 20_000;
  const small = pool.map((bytes) => bytes.subarray(0, bytes.indexOf(0x0a, 2_000) + 1));
  const into = (sink: BackupSink, partitions: number) => async () => {
    await withWriters(writes, (n) => {
      const lines = small[n % small.length] ?? Buffer.alloc(0);
      return sink.write({ ...to, database: `db_${n % partitions}` }, { lines, precision: 's' });
    });
    return writes;
  };
  const names = { bench, case: 'partitions-1000-vs-1', unit: 'writes/s', peer: 'one partition' };
  await withSink({}, (many) =>
    withSink({}, (one) => compare({ ...names, ours: into(many, 1_000), theirs: into(one, 1), rounds: 3 })),
  );
}
