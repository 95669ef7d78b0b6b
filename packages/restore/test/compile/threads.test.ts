import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type Compiled, compiled } from '../support/compile';
import { startFromSource } from '../support/compile-thread';
import { startMs, startS } from '../support/ground';

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

describe('compiling in threads', () => {
  it('gives the same shards, counts and rejected records as compiling in one thread', async () => {
    const durationMs = 20 * 365 * 86_400_000;
    const here = await compiled(files, { durationMs });
    expect(here.files).toMatchObject(Array(6).fill({ rejected: 2, expired: 1 }));
    const memoryBytesMax = 400_000;
    const there = await compiled(files, { durationMs, threads: 2, memoryBytesMax, startWorker: startFromSource });
    expect(inText(there) === inText(here)).toBe(true);
  });

  it('rejects with the error of a thread, and with its code', async () => {
    const startWorker: typeof startFromSource = (data) =>
      startFromSource({ ...data, scratchDir: join(data.scratchDir, 'gone') });
    expect(await failureOf({ threads: 2, startWorker })).toMatchObject({
      name: 'RestoreError',
      code: 'SCRATCH_FULL',
      message: expect.stringContaining('gone'),
    });
  });

  it('rejects if a thread ends before its work does', async () => {
    const startWorker = () => new Worker('process.exit(0)', { eval: true });
    expect(await failureOf({ threads: 2, startWorker })).toMatchObject({
      message: expect.stringContaining('has ended'),
    });
  });

  it('rejects with the reason of a signal while a thread works, and leaves no file open', async () => {
    const before = openFiles();
    const controller = new AbortController();
    const onFile = async () => controller.abort(new Error('enough'));
    const more = { threads: 2, startWorker: startFromSource, signal: controller.signal, memoryBytesMax: 1, onFile };
    expect(await failureOf(more)).toMatchObject({ message: 'enough' });
    expect(openFiles()).toBeLessThanOrEqual(before);
  });
});
