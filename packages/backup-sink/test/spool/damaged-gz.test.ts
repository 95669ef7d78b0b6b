import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nodeFileSystem } from '@ceres/internal';
import { type ObjectWriter, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { isWholeGz } from '../../src/spool/files/prove-gz';
import { errorOf, openSink, raw, storedNumbers, temporaryDirectory, to } from '../sink-harness';

const down: ObjectWriter = { put: () => Promise.reject(new StorageError('UNAVAILABLE', 'no network')) };

/** A spool in which a sink left one compressed file, and the segment that it was made from. */
async function leftBehind() {
  const { sink, spoolDir } = await openSink({ storage: down });
  const directory = join(spoolDir, to.instance, to.database, to.retentionPolicy);
  const one = async () => (await readdir(directory)).filter((name) => !name.endsWith('.tmp'));
  await sink.write(to, raw(1, 2, 3));
  const [open = ''] = await one();
  const segment = await readFile(join(directory, open));
  sink.flush().catch(() => undefined);
  let names = await one();
  while (names.length !== 1 || !names[0]?.endsWith('.tried.gz')) names = await one();
  await sink.close({ timeoutMs: 0 });
  const [name = ''] = names;
  return { spoolDir, directory, name, path: join(directory, name), segment };
}

type Damage = (bytes: Buffer) => Buffer;
const damages: readonly (readonly [how: string, damage: Damage])[] = [
  ['is cut', (bytes) => bytes.subarray(0, -3)],
  ['is empty', () => Buffer.alloc(0)],
  ['has one wrong bit', (bytes) => flipped(bytes, bytes.length >> 1)],
  ['holds zeros only', (bytes) => Buffer.alloc(bytes.length)],
  ['is followed by zeros', (bytes) => Buffer.concat([bytes, Buffer.alloc(4096)])],
];

function flipped(bytes: Buffer, at: number, bit = 3): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

describe('a compressed file that an earlier run left', () => {
  it.each(damages)('is kept aside and reported, and not stored as a backup, if it %s', async (_, damage) => {
    const { spoolDir, directory, name, path } = await leftBehind();
    const bytes = damage(await readFile(path));
    await writeFile(path, bytes);

    const { sink, storage } = await openSink({ spoolDir });
    expect(await errorOf(sink.flush())).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    await sink.close();
    expect(await storedNumbers(storage)).toEqual([]);
    const kept = name.replace('.tried.gz', '.damaged.gz');
    expect(await readdir(directory)).toEqual([kept]);
    expect(await readFile(join(directory, kept))).toEqual(bytes);
    expect(String(sink.stats().lastError)).toContain(kept);

    const next = await openSink({ spoolDir });
    await next.sink.flush();
    expect(await readdir(directory)).toEqual([kept]);
  });

  it('is made again if it is damaged, and what it was made from is still there', async () => {
    const { spoolDir, directory, name, path, segment } = await leftBehind();
    await writeFile(path, flipped(await readFile(path), 40));
    await writeFile(join(directory, name.replace('.tried.gz', '.lp')), segment);

    const { sink, storage } = await openSink({ spoolDir });
    await sink.flush();
    await sink.close();
    expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
    expect(await readdir(directory)).toEqual([name.replace('.tried.gz', '.damaged.gz')]);
  });

  it('is stored as it is if it is whole', async () => {
    const { spoolDir, directory } = await leftBehind();
    const { sink, storage } = await openSink({ spoolDir });
    await sink.flush();
    await sink.close();
    expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
    expect(await readdir(directory)).toEqual([]);
    expect(sink.stats().lastError).toBeUndefined();
  });
});

it('a gzip file with one wrong bit is never called whole if its text is another one', async () => {
  const { path } = await leftBehind();
  const bytes = await readFile(path);
  const text = gunzipSync(bytes);
  const altered = join(await temporaryDirectory(), 'altered.gz');
  let found = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const copy = flipped(bytes, at, at % 8);
    await writeFile(altered, copy);
    if (await isWholeGz(nodeFileSystem, altered)) expect(gunzipSync(copy)).toEqual(text);
    else found += 1;
  }
  expect(found).toBeGreaterThan(bytes.length - 10); // the header holds a few bytes without a meaning
});
