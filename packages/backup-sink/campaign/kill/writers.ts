import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { linesOf, partitionOf, writtenOf } from './writes';

/** Opens a sink whose bucket and spool are in `directory`. */
export async function openSinkIn(directory: string, segmentBytesMax: number): Promise<BackupSink> {
  return await BackupSink.open({
    storage: new LocalStorage(join(directory, 'bucket')),
    spoolDir: join(directory, 'spool'),
    precision: 'ns',
    segmentBytesMax,
    gzipLevel: 1,
    heartbeatMs: 20,
  });
}

export interface WritersOptions {
  /** The number of the first write. */
  readonly first: number;
  readonly writersAtOnce: number;
  /** How long each writer pauses after a write. Default: it does not. */
  readonly pauseMs?: number;
}

/** Writes until a write fails, and prints the number of every acked write. */
export async function keepWriting(
  sink: BackupSink,
  { first, writersAtOnce, pauseMs = 0 }: WritersOptions,
): Promise<never> {
  let next = first;
  const write = async (): Promise<never> => {
    for (;;) {
      const written = writtenOf(next);
      next += 1;
      await sink.write(partitionOf(written), { lines: linesOf(written), precision: 'ns' });
      process.stdout.write(`${written.id}\n`); // a pipe: on Linux this returns when the kernel has it
      if (pauseMs > 0) await pause(pauseMs);
    }
  };
  return await Promise.race(Array.from({ length: writersAtOnce }, write));
}
