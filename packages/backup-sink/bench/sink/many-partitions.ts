import type { BackupSink } from '@ceres/backup-sink';
import { compare } from '@ceres/testkit';
import { pool, to, withWriters, writeAt } from './data';
import { bench, withSink } from './harness';

/** The same writes, round-robin over a thousand partitions, and into one. */
export async function manyPartitions(): Promise<void> {
  await compareStored();
  await compareSmallWrites();
}

/** The load of the other cases, from `write()` to the uploaded files: of a thousand each round, and of some six. */
async function compareStored(): Promise<void> {
  const writes = 20_000;
  const into = (sink: BackupSink, partitions: number) => async () => {
    await withWriters(writes, (n) => sink.write(inPartition(n % partitions), writeAt(n)));
    await sink.flush();
    return writes;
  };
  const names = { bench, case: 'partitions-1000-vs-1', unit: 'writes/s', peer: 'one partition' };
  await withSink({}, (many) =>
    withSink({}, (one) => compare({ ...names, ours: into(many, 1_000), theirs: into(one, 1), rounds: 3 })),
  );
}

/**
 * Writes of 2 KB, until they are acked. With 64 writers in 1,000 partitions hardly two share an fsync, and of so little lines the fsync is
 * nearly all of the cost: the hardest case. As many as one partition seals three files of: while it compresses, it takes writes at half its speed.
 */
async function compareSmallWrites(): Promise<void> {
  const writes = 96_000;
  const small = pool.map((bytes) => bytes.subarray(0, bytes.indexOf(0x0a, 2_000) + 1));
  const into = (sink: BackupSink, partitions: number) => async () => {
    await withWriters(writes, (n) => {
      const lines = small[n % small.length] ?? Buffer.alloc(0);
      return sink.write(inPartition(n % partitions), { lines, precision: 's' });
    });
    return writes;
  };
  const names = { bench, case: 'small-writes-1000-vs-1', unit: 'writes/s', peer: 'one partition' };
  await withSink({}, (many) =>
    withSink({}, (one) => compare({ ...names, ours: into(many, 1_000), theirs: into(one, 1), rounds: 3 })),
  );
}

function inPartition(n: number) {
  return { ...to, database: `db_${n}` };
}
