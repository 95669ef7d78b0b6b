import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { type BackupSums, contentOfSums, type SummingUp } from '../../src/verify/scan/backup-sums';
import { startSummingUp } from '../../src/verify/scan/threads/start';
import { sourceThreads } from '../support/source-thread';

const started: SummingUp[] = [];
afterAll(async () => {
  for (const summing of started) await summing.close();
});

function start(threads: number, scratchDir = tmpdir(), lines?: SharedArrayBuffer): SummingUp {
  const summing = startSummingUp({ threads, scratchDir, lines }, sourceThreads());
  started.push(summing);
  return summing;
}

const policyOf = (database: string) => {
  return { database, name: 'rp', from: undefined, until: undefined, measurements: undefined };
};

async function sumsOf(summing: SummingUp): Promise<readonly BackupSums[]> {
  for (let file = 0; file < 6; file += 1) {
    const lines = Array.from(
      { length: 2_000 },
      (_, i) => `m,t=${i % 50} v=${file * i},s="x${i}" ${1_000 + (i >> 2)}\n`,
    );
    await summing.add(Buffer.from(lines.join('')), policyOf(`db_${file % 3}`), 's');
  }
  // Larger than a place of the ring.
  const long = Buffer.from(`m,t=long s="${'x'.repeat(600_000)}" 5000\n`);
  await summing.add(long, policyOf('db_1'), 's');
  return await summing.finish();
}

/** Returns the sums by the names of columns. */
function named(all: readonly BackupSums[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { columns, grid } of all.map(contentOfSums)) {
    for (const [cell, column] of grid.cells.columns.entries()) {
      const { counts, slices, sums } = grid.cells;
      const key = JSON.stringify([columns[column], slices[cell]]);
      found.set(key, [counts[2 * cell], sums[4 * cell], sums[4 * cell + 1]]);
    }
  }
  return found;
}

it('threads sum a backup up as one does, each its own databases', async () => {
  const one = await sumsOf(start(1));
  const several = await sumsOf(start(4));
  expect([one.length, several.length]).toEqual([1, 3]);
  expect(named(several)).toEqual(named(one));
});

it('a fault in a thread has its code and says what to do', async () => {
  const summing = start(2, '/nowhere');
  const lines = Array.from({ length: 300_000 }, (_, i) => `m,t=a v=1 ${i}\n`).join('');
  await expect(
    (async () => {
      for (let i = 0; i < 9; i += 1) await summing.add(Buffer.from(lines), policyOf('db'), 's');
      await summing.finish();
    })(),
  ).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(/nowhere.*--scratch-dir/) });
});

it('a batch that lies where all threads see it is read there, and is free once all are settled', async () => {
  const lines = new SharedArrayBuffer(256 * 1024);
  const summing = start(2, tmpdir(), lines);
  const plain = start(1);
  for (let file = 0; file < 5; file += 1) {
    const text = Array.from({ length: 3_000 }, (_, i) => `m,t=${i % 50} v=${file * i}.5,n=${i}i ${file * 9_000 + i}\n`);
    const bytes = Buffer.from(lines, 4 * file, Buffer.byteLength(text.join('')));
    bytes.write(text.join(''));
    await plain.add(Buffer.from(bytes), policyOf('db'), 's');
    await summing.add(bytes, policyOf('db'), 's');
    await summing.settled();
    bytes.fill(0);
  }
  expect(named(await summing.finish())).toEqual(named(await plain.finish()));
});
