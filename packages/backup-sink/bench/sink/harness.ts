import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, type BackupSinkOptions, LocalStorage } from '@ceres/backup-sink';
import type { Figure } from '@ceres/testkit';

export const bench = 'sink';
export const gzipLevel = 3;

export const megabytes = (bytes: number): number => bytes / 1e6;

/** Runs `work` with a sink into a local directory; both are gone afterwards. */
export async function withSink<T>(
  options: Partial<BackupSinkOptions>,
  work: (sink: BackupSink) => Promise<T>,
): Promise<T> {
  return await inDirectory(async (directory) => {
    const storage = new LocalStorage(join(directory, 'bucket'));
    const spoolDir = join(directory, 'spool');
    const sink = await BackupSink.open({ storage, spoolDir, precision: 's', gzipLevel, ...options });
    const result = await work(sink);
    await sink.close({ timeoutMs: 0 });
    return result;
  });
}

export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-bench-sink-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Prints a figure that is better when it is smaller, such as a latency. */
export function print(figure: Omit<Figure, 'ratio' | 'theirs'> & { readonly theirs: number }): void {
  process.stdout.write(`${JSON.stringify({ ...figure, ratio: figure.ours / figure.theirs })}\n`);
}
