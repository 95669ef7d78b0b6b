// Writes at full speed, and prints the number of every acked write, until it is killed or reads `finish`; then it stores everything, and prints
// how many files it left. Arguments: the directory of the spool, that of the bucket, and `stalled` for a bucket that does not answer before that.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, LocalStorage, type ObjectWriter, SinkError } from '@ceres/backup-sink';
import { partitionOf } from '../kill/writes';
import { linesOf, writersAtOnce, writtenOf } from './writes';

const [spoolDir = '', bucket = '', mode = ''] = process.argv.slice(2);
const finish = once(process.stdin, 'data');

const local = new LocalStorage(bucket);
const storage: ObjectWriter = {
  put: async (key, body, options = {}) => {
    const { signal } = options;
    if (mode === 'stalled') {
      const aborted = new Promise((_, reject) => {
        if (signal?.aborted) reject(signal.reason);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      await Promise.race([finish, aborted]);
    }
    return await local.put(key, body, options);
  },
};

const sink = await BackupSink.open({ storage, spoolDir, precision: 'ns', segmentBytesMax: 768 * 1024, gzipLevel: 1 });
let isFinishing = false;
let next = 0;
const writing = Array.from({ length: writersAtOnce }, write);
await finish;
isFinishing = true;
await Promise.all(writing);
await sink.flush();
const { unstoredFiles } = await sink.close();
process.stdout.write(`finished ${unstoredFiles}\n`);
process.exit(0);

async function write(): Promise<void> {
  while (!isFinishing) {
    const written = writtenOf(next);
    next += 1;
    try {
      await sink.write(partitionOf(written), { lines: linesOf(written), precision: 'ns' });
      process.stdout.write(`${written.id}\n`); // a pipe: on Linux this returns when the kernel has it
    } catch (error) {
      if (!(error instanceof SinkError) || error.code !== 'SPOOL_UNWRITABLE') throw error;
      await pause(5); // the disk is full
    }
  }
}
