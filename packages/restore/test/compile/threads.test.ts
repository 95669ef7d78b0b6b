import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/threads/task';
import { ThreadPool } from '../../src/threads/thread-pool';
import { type Compiled, compiled } from '../support/compile';
import { startMs, startS } from '../support/ground';
import { sourceThreads } from '../support/source-thread';

const file = (database: string, lines: string, n = 0) => ({ database, openedMs: startMs + n, lines });

/** Two databases of several files, with records of every outcome, and one that is larger than a place in the ring. */
const files = ['a', 'b'].flatMap((database) =>
  Array.from({ length: 3 }, (_, n) => {
    const good = Array.from({ length: 1_000 }, (_, i) => {
      return `m,t=${i % 7} v=${i + n},s="${'x'.repeat(i % 90)}" ${startS + ((i * 7919) % 900)}\n`;
    });
    const odd = `m v=1i ${startS}\nm v=2 ${startS}\nm v= ${startS}\nold v=1 1\nm,t=l s="${'y'.repeat(400_000)}" ${startS}\n`;
    return file(database, good.join('') + odd, n);
  }),
);

/** A comparison of two large maps takes seconds, one of texts does not. */
function inText({ values, files: done, rejected, shards }: Compiled): string {
  const content = [...values].map(([key, value]) => `${key} ${typeof value} ${value}\n`).join('');
  const counts = shards.map(({ values: count, records }) => ({ count, records }));
  return content + JSON.stringify([done, rejected, counts]);
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

async function failureOf(more: Parameters<typeof compiled>[1]): Promise<unknown> {
  return await compiled(files, more).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function inFolder(name: string, task: Task): Task {
  if (task === 'none' || !('compile' in task)) return task;
  return { compile: { ...task.compile, scratchDir: join(task.compile.scratchDir, name) } };
}

describe('compiling in threads', () => {
  it('gives the same shards, counts and rejected records as compiling in one thread', async () => {
    const durationMs = 20 * 365 * 86_400_000;
    const here = await compiled(files, { durationMs });
    expect(here.files).toMatchObject(Array(6).fill({ rejected: 2, expired: 1 }));
    const memoryBytesMax = 400_000;
    const there = await compiled(files, { durationMs, threads: 2, memoryBytesMax, pool: sourceThreads() });
    expect(inText(there) === inText(here)).toBe(true);
  });

  it('rejects with the error of a thread, and with its code', async () => {
    const threads = sourceThreads();
    const pool: Pick<ThreadPool, 'take' | 'giveBack'> = {
      take: (task) => threads.take(inFolder('gone', task)),
      giveBack: (thread) => threads.giveBack(thread),
    };
    expect(await failureOf({ threads: 2, pool })).toMatchObject({
      name: 'RestoreError',
      code: 'SCRATCH_FULL',
      message: expect.stringContaining('gone'),
    });
  });

  it('rejects if a thread ends before its work does', async () => {
    const pool = new ThreadPool(() => new Worker('process.exit(0)', { eval: true }));
    expect(await failureOf({ threads: 2, pool })).toMatchObject({
      message: expect.stringContaining('has ended'),
    });
  });

  it('rejects with the reason of a signal while a thread works, and leaves no file open', async () => {
    const before = openFiles();
    const controller = new AbortController();
    const onFile = async () => controller.abort(new Error('enough'));
    const more = { threads: 2, pool: sourceThreads(), signal: controller.signal, memoryBytesMax: 1, onFile };
    expect(await failureOf(more)).toMatchObject({ message: 'enough' });
    expect(openFiles()).toBeLessThanOrEqual(before);
  });
});
