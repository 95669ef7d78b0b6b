// Writes at full speed, and prints the number of every acked write, until it is killed. Arguments: the directory, the first number.
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { linesOf, partitionOf, writtenOf } from './writes';

const [directory = '', first = '0'] = process.argv.slice(2);
const writersAtOnce = 32;

const sink = await BackupSink.open({
  storage: new LocalStorage(join(directory, 'bucket')),
  spoolDir: join(directory, 'spool'),
  precision: 'ns',
  segmentBytesMax: 64 * 1024,
  gzipLevel: 1,
});

let next = Number(first);
await Promise.all(Array.from({ length: writersAtOnce }, write));

async function write(): Promise<never> {
  for (;;) {
    const written = writtenOf(next);
    next += 1;
    await sink.write(partitionOf(written), { lines: linesOf(written), precision: 'ns' });
    process.stdout.write(`${written.id}\n`); // a pipe: on Linux this returns when the kernel has it
  }
}
