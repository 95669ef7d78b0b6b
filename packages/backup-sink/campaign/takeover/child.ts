// Writes until it is killed or loses its spool, prints the number of every acked write, and in the end the code of its error.
// Arguments: the directory, the first number.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, LocalStorage, SinkError } from '@ceres/backup-sink';
import { linesOf, partitionOf, writtenOf } from '../kill/writes';

const [directory = '', first = '0'] = process.argv.slice(2);
const writersAtOnce = 8;
let next = Number(first);

try {
  const sink = await BackupSink.open({
    storage: new LocalStorage(join(directory, 'bucket')),
    spoolDir: join(directory, 'spool'),
    precision: 'ns',
    segmentBytesMax: 16 * 1024,
    gzipLevel: 1,
  });
  const write = async (): Promise<never> => {
    for (;;) {
      const written = writtenOf(next);
      next += 1;
      await sink.write(partitionOf(written), { lines: linesOf(written), precision: 'ns' });
      process.stdout.write(`${written.id}\n`); // a pipe: on Linux this returns when the kernel has it
      await pause(5); // several rounds share the machine
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, write));
} catch (error) {
  process.stdout.write(`${error instanceof SinkError ? error.code : error}\n`);
  process.exit();
}
