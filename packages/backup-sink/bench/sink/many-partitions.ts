import type { BackupSink } from '@ceres/backup-sink';
import { compare } from '@ceres/testkit';
import { pool, to, withWriters, writeAt } from './data';
import { bench, withSink } from './harness';

/** Compares the same writes round-robin over a thousand partitions, and into one; the first round opens them. */
export async function manyPartitions(): Promise<void> {
  await compareOneWith('partitions-1000-vs-1', storeAll);
  await compareOneWith('small-writes-1000-vs-1', ackSmall);
}

/** Writes round-robin over `partitions` partitions. Resolves with the number of writes. */
type Work = (sink: BackupSink, partitions: number) => Promise<number>;

/** The load of the other cases, from `write()` to the uploaded files: a thousand files in each round, or about six. */
async function storeAll(sink: BackupSink, partitions: number): Promise<number> {
  const writes = 20_000;
  await withWriters(writes, (n) => sink.write(inPartition(n % partitions), writeAt(n)));
  await sink.flush();
  return writes;
}

const small = pool.map((bytes) => bytes.subarray(0, bytes.indexOf(0x0a, 2_000) + 1));

/**
 * Makes writes of 2 KB, until they are acked. This is the hardest case: of 64 writers in 1,000 partitions hardly two share an fsync, which
 * is nearly all the cost of such small writes. There are enough of them for one partition to seal three files, since it takes
 * writes at half its speed while it compresses.
 */
async function ackSmall(sink: BackupSink, partitions: number): Promise<number> {
  const writes = 96_000;
  await withWriters(writes, (n) => {
    const lines = small[n % small.length] ?? Buffer.alloc(0);
    return sink.write(inPartition(n % partitions), { lines, precision: 's' });
  });
  return writes;
}

function inPartition(n: number) {
  return { ...to, database: `db_${n}` };
}

async function compareOneWith(name: string, work: Work): Promise<void> {
  const names = { bench, case: name, unit: 'writes/s', peer: 'one partition' };
  await withSink({}, (many) =>
    withSink({}, (one) => {
      return compare({ ...names, ours: () => work(many, 1_000), theirs: () => work(one, 1), rounds: 3 });
    }),
  );
}
