import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectReader } from '@ceres/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Keeper } from '../../src/read/copy/keeper';
import { type ProvenFile, proveFile } from '../../src/read/prove-file';
import { backupOf } from '../support/backup';
import { startMs } from '../support/ground';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-shared-lines-'));
});
afterEach(() => rm(folder, { recursive: true }));

const megabyte = 1024 * 1024;

/** Lines of a few megabytes that differ from file to file and do not compress away. */
function lines(seed: number, bytes: number): string {
  let text = '';
  for (let i = 0; text.length < bytes; i += 1)
    text += `m,host=h${seed} v=${(i * 7919 * seed) % 1_000_003},n="${seed}" ${i}\n`;
  return text;
}

async function prove(storage: ObjectReader, keeper: Keeper): Promise<readonly ProvenFile[]> {
  const proven: ProvenFile[] = [];
  for await (const { key, sizeBytes } of storage.list('')) {
    const proof = await proveFile({ key, sizeBytes }, { storage }, keeper);
    if ('damage' in proof) throw new Error(proof.damage.reason);
    proven.push(proof);
  }
  return proven;
}

async function textOf(file: ProvenFile, memory?: SharedArrayBuffer): Promise<string> {
  const parts: Buffer[] = [];
  let shared = 0;
  for await (const { bytes } of file.batches(256 * 1024)) {
    if (bytes.buffer === memory) shared += bytes.length;
    parts.push(Buffer.from(bytes));
  }
  const text = Buffer.concat(parts).toString();
  if (memory !== undefined) expect(shared).toBeGreaterThan(0.9 * text.length);
  return text;
}

describe('Lines in the memory that all threads see', () => {
  it('are those of their file, also while others are kept, and after its memory was used before', async () => {
    const texts = [1, 2, 3].map((seed) => lines(seed, 9 * megabyte));
    const storage = await backupOf(
      ...texts.map((text, i) => ({ database: 'db', openedMs: startMs + i * 60_000, lines: text })),
    );
    const keeper = new Keeper(folder);
    const { memory } = keeper.share();
    for (const _ of ['new memory', 'used memory']) {
      const files = await prove(storage, keeper);
      const read = [];
      for (const file of files) read.push(await textOf(file, memory));
      for (const [i, text] of read.entries()) expect(text === texts[i]).toBe(true);
      for (const file of files) await file.close();
    }
  });

  it('are read from a copy of the file if the memory has no room for them', async () => {
    const text = lines(5, 3 * megabyte);
    const storage = await backupOf({ database: 'db', openedMs: startMs, lines: text });
    const keeper = new Keeper(folder);
    const lent = keeper.share();
    while (lent.take() !== undefined);
    const [file] = await prove(storage, keeper);
    expect((await textOf(file as ProvenFile)) === text).toBe(true);
  });
});
