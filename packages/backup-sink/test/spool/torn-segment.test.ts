import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { BackupSink } from '../../src/index';
import { openSink, raw, storedNumbers, storedTexts, temporaryDirectory, to, until } from '../sink-harness';

/** The bytes of an open segment of four writes, and where each of its frames ends. */
async function openSegment() {
  const { sink, spoolDir } = await openSink();
  const path = () => findOpen(spoolDir);
  const ends: number[] = [];
  for (let n = 0; n < 4; n += 1) {
    await sink.write(to, raw(2 * n, 2 * n + 1));
    ends.push((await readFile(await path())).byteLength);
  }
  return { bytes: await readFile(await path()), name: (await path()).slice(spoolDir.length), ends };
}

async function findOpen(spoolDir: string): Promise<string> {
  const names = await readdir(spoolDir, { recursive: true });
  return join(spoolDir, names.find((name) => name.endsWith('.lp.open')) ?? 'none');
}

/** A disk in memory whose spool, `/spool`, holds an open segment. */
async function diskWith(name: string, bytes: Uint8Array): Promise<FaultyDisk> {
  const disk = new FaultyDisk(randomFrom(1));
  const fs = new FaultyFs(disk);
  await fs.mkdir(dirname(`/spool${name}`), { recursive: true });
  const handle = await fs.open(`/spool${name}`, 'wx');
  await handle.write(bytes, 0, bytes.byteLength, 0);
  await handle.close();
  return disk;
}

it('an open segment that was cut at any byte keeps exactly the writes that are whole', async () => {
  const { bytes, name, ends } = await openSegment();
  for (let length = 0; length <= bytes.byteLength; length += 1) {
    const fs = new FaultyFs(await diskWith(name, bytes.subarray(0, length)));
    const storage = new MemoryStorage();
    const sink = await BackupSink.open({ storage, spoolDir: '/spool', fs, precision: 's' });
    await sink.flush();
    await sink.close();
    const whole = ends.filter((end) => end <= length).length;
    expect(await storedNumbers(storage), `cut at ${length}`).toEqual(Array.from({ length: 2 * whole }, (_, n) => n));
  }
});

it('recovery keeps what a broken disk left behind the last whole frame, and reports it', async () => {
  const { bytes, name, ends } = await openSegment();
  const spoolDir = await temporaryDirectory();
  const path = join(spoolDir, name);
  await mkdir(join(path, '..'), { recursive: true });
  bytes[(ends[0] ?? 0) + 60] = 0x3f;
  await writeFile(path, bytes);

  const { sink, storage } = await openSink({ spoolDir });
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([0, 1]);
  expect(String(sink.stats().lastError)).toContain('.damaged');
  const damaged = (await readdir(join(path, '..'))).filter((left) => left.endsWith('.damaged'));
  expect(damaged).toHaveLength(1);
  expect(await readFile(join(path, '..', damaged[0] ?? ''))).toEqual(bytes.subarray(ends[0]));
  await until(() => sink.stats().unstoredFiles === 0);
});

it('what the disk damages while the sink runs is kept aside and reported, and everything before it is stored', async () => {
  const { sink, storage, spoolDir } = await openSink();
  for (const n of [1, 2, 3]) await sink.write(to, raw(n));
  const directory = join(spoolDir, to.instance, to.database, to.retentionPolicy);
  const [open = ''] = await readdir(directory);
  const path = join(directory, open);
  const bytes = await readFile(path);
  bytes.write('n=7', bytes.lastIndexOf('n=3'));
  await writeFile(path, bytes);
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 2]);
  const [text = ''] = (await storedTexts(storage)).values();
  expect(text).toContain('# CERES-SUMMARY: lines=2 ');
  expect(sink.stats().lastError).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  await until(() => sink.stats().spooledBytes === 0);
  const [damaged = ''] = await readdir(directory);
  expect(damaged).toMatch(/\.damaged$/);
  expect(await readFile(join(directory, damaged), 'utf8')).toContain('n=7');
});
