import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { decodeFile } from '@ceres/lineproto';
import { type MemoryStorage, parseKey, readObject, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { openSink, SetClock, storedTexts, temporaryDirectory, until } from '../sink-harness';

const instance = 'influxdb-0';
const database = 'db_0';
const without = { instance, database };
const named = (retentionPolicy: string) => ({ ...without, retentionPolicy });
const line = (value: number) => ({ lines: `m v=${value}i 1700000000\n`, precision: 's' }) as const;
const knows = (name: string) => () => ({ name, duration: 'INF' });

/** Returns the policy and the value of every record, in the order of a replay; `''` is the policy of those that name none. */
async function replayed(storage: MemoryStorage): Promise<{ files: string[]; writes: [string, number][] }> {
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  const inOrder = keys.map((key) => ({ key, id: parseKey(key)?.id ?? '' })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const writes: [string, number][] = [];
  for (const { key } of inOrder) {
    const file = decodeFile(readObject(storage, key), { batchBytesMax: 1_000_000, batchLinesMax: 1_000 });
    const { retentionPolicy: ofFile } = await file.header;
    for await (const { bytes, retentionPolicy = ofFile } of file) {
      for (const [, value] of Buffer.from(bytes)
        .toString()
        .matchAll(/v=(\d+)i/g)) {
        writes.push([retentionPolicy, Number(value)]);
      }
    }
    expect(await file.integrity).toEqual({ status: 'sealed' });
  }
  return { files: inOrder.map(({ key }) => key.split('/')[2] ?? ''), writes };
}

describe('writes to one policy that name it and that do not', () => {
  it('go into one file under its name where that is known, in the order of the calls', async () => {
    const { sink, storage } = await openSink({ policies: knows('autogen') });
    await sink.write(without, line(1));
    await sink.write(named('autogen'), line(2));
    await sink.write({ ...without, retentionPolicy: '' }, line(3));
    await sink.flush();
    const { files, writes } = await replayed(storage);
    expect(files).toEqual(['autogen']);
    expect(writes).toEqual([
      ['autogen', 1],
      ['autogen', 2],
      ['autogen', 3],
    ]);
    const [text = ''] = (await storedTexts(storage)).values();
    expect(text).toMatch(/^# DML\n# CONTEXT-DATABASE: db_0\n# CONTEXT-RETENTION-POLICY: autogen\n/);
    expect(text).toContain('\n# CERES-POLICY: name=autogen duration=INF\n'); // it was the default: see docs/file-format.md
  });

  it('go into one mixed file where it is not known, which keeps how each was spelled', async () => {
    const { sink, storage } = await openSink();
    await sink.write(without, line(1));
    for (let i = 2; i <= 9; i += 2) {
      await sink.write(named(i % 4 === 0 ? 'other' : 'autogen'), line(i));
      await sink.write(without, line(i + 1));
    }
    await sink.flush();
    const { files, writes } = await replayed(storage);
    expect(files).toEqual(['~default', '~mixed']);
    expect(writes).toEqual([
      ['', 1],
      ['autogen', 2],
      ['', 3],
      ['other', 4],
      ['', 5],
      ['autogen', 6],
      ['', 7],
      ['other', 8],
      ['', 9],
    ]);
  });

  it('keep the order of the calls also while many are made at once, and one is long in being encoded', async () => {
    for (const [policies, folders] of [
      [knows('autogen'), ['autogen']],
      [() => undefined, ['autogen', '~mixed']],
    ] as const) {
      const { sink, storage } = await openSink({ policies });
      const filler = 'filler f=1 1700000000\n'.repeat(50_000);
      const calls = Array.from({ length: 60 }, (_, i) => {
        const lines = i === 7 ? `${line(i).lines}${filler}` : line(i).lines;
        return sink.write(i % 3 === 0 ? named('autogen') : without, { lines, precision: 's' });
      });
      await Promise.all(calls);
      await sink.flush();
      const { files, writes } = await replayed(storage);
      expect(writes.map(([, value]) => value)).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect([...new Set(files)]).toEqual(folders);
    }
  });

  it('make no file per write: the files before are sealed once', async () => {
    const { sink, storage } = await openSink();
    let sealed = 0;
    sink.on('sealed', () => {
      sealed += 1;
    });
    for (let i = 0; i < 100; i += 1) await sink.write(i % 2 === 0 ? named('autogen') : without, line(i));
    expect(sealed).toBe(1);
    await sink.flush();
    expect((await replayed(storage)).files).toEqual(['autogen', '~mixed']);
  });

  it('wait until what was written before is in its file, also if the disk is slow', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let opened = 0;
    const fs: FileSystem = {
      ...nodeFileSystem,
      open: async (path, flags) => {
        if (path.includes('/autogen/')) opened += 1;
        if (opened === 1) await held;
        return await nodeFileSystem.open(path, flags);
      },
    };
    const { sink, storage } = await openSink({ fs, segmentBytesMax: 1_024 });
    const long = (value: number) =>
      ({ lines: `m v=${value}i,s="${'x'.repeat(900)}" 1700000000\n`, precision: 's' }) as const;
    // Each of these needs a file of its own, and the first one is still being opened.
    const writes = [1, 2, 3].map((value) => sink.write(named('autogen'), long(value)));
    writes.push(sink.write(without, line(4)), sink.write(named('autogen'), line(5)));
    await until(() => opened > 0);
    letGo();
    await Promise.all(writes);
    await sink.flush();
    const { files, writes: found } = await replayed(storage);
    expect(found.map(([, value]) => value)).toEqual([1, 2, 3, 4, 5]);
    expect(files).toEqual(['autogen', 'autogen', 'autogen', '~mixed']);
  });

  it('are told apart again once the name is known, and nothing that came before is behind what came after', async () => {
    let name: string | undefined;
    const { sink, storage } = await openSink({
      policies: () => (name === undefined ? undefined : { name, duration: 'INF' }),
    });
    await sink.write(named('autogen'), line(1));
    await sink.write(without, line(2));
    name = 'autogen';
    await sink.write(named('autogen'), line(3)); // nothing asks for the name yet
    await sink.write(without, line(4));
    await sink.write(named('other'), line(5));
    await sink.write(named('autogen'), line(6));
    await sink.flush();
    expect((await replayed(storage)).writes).toEqual([
      ['autogen', 1],
      ['', 2],
      ['autogen', 3],
      ['autogen', 4],
      ['autogen', 6],
      ['other', 5],
    ]);
  });

  it('go where they meant to when another policy becomes the default', async () => {
    let name = 'autogen';
    const { sink, storage } = await openSink({ policies: () => ({ name, duration: 'INF' }) });
    await sink.write(without, line(1));
    name = 'other';
    await sink.write(without, line(2));
    await sink.write(named('autogen'), line(3));
    await sink.write(named('other'), line(4));
    await sink.flush();
    const { writes } = await replayed(storage);
    expect(writes.filter(([policy]) => policy === 'autogen').map(([, value]) => value)).toEqual([1, 3]);
    expect(writes.filter(([policy]) => policy === 'other').map(([, value]) => value)).toEqual([2, 4]);
  });

  it('keep what was known of the name while `policies` throws, and report that once', async () => {
    let isBroken = false;
    const policies = () => {
      if (isBroken) throw new Error('the function of the caller is broken');
      return { name: 'autogen', duration: 'INF' };
    };
    const { sink, storage } = await openSink({ policies });
    const failures: string[] = [];
    sink.on('failed', ({ error }) => failures.push(error.message));
    await sink.write(without, line(1));
    isBroken = true;
    for (let i = 2; i < 6; i += 1) await sink.write(without, line(i));
    await sink.flush();
    expect((await replayed(storage)).files).toEqual(['autogen']);
    expect(failures).toEqual([expect.stringContaining('the function of the caller is broken')]);
  });

  it('are recovered from a mixed segment of a killed process, with every switch', async () => {
    const spoolDir = await temporaryDirectory();
    const away = { put: () => Promise.reject(new StorageError('UNAVAILABLE', 'The storage is away.')) };
    const { sink } = await openSink({ spoolDir, storage: away });
    await sink.write(without, line(1));
    await sink.write(named('autogen'), line(2));
    await sink.write(without, line(3));
    await sink.close({ timeoutMs: 0 }); // leaves its files in the spool
    const { sink: next, storage } = await openSink({ spoolDir });
    await next.write(named('autogen'), line(4));
    await next.flush();
    expect((await replayed(storage)).writes).toEqual([
      ['', 1],
      ['autogen', 2],
      ['', 3],
      ['autogen', 4],
    ]);
  });
});

it('writes to named policies alone, or to none, have partitions of their own as before', async () => {
  const { sink, storage } = await openSink();
  await sink.write(named('rp_5d'), line(1));
  await sink.write(named('rp_1h'), line(2));
  await sink.write({ instance, database: 'db_1' }, line(3));
  await sink.flush();
  expect((await replayed(storage)).files.toSorted()).toEqual(['rp_1h', 'rp_5d', '~default']);
});

it('a mixed file is marked as not importable if the importer cannot read the name of one of its policies', async () => {
  const clock = new SetClock();
  const { sink, storage } = await openSink({ clock });
  await sink.write(named('a:b'), line(1));
  await sink.write(without, line(2));
  await sink.write(named('a:b'), line(3));
  await sink.flush();
  await until(() => sink.stats().storedFiles === 2);
  const { writes } = await replayed(storage);
  expect(writes).toEqual([
    ['a:b', 1],
    ['', 2],
    ['a:b', 3],
  ]);
  for await (const { key } of storage.list('')) {
    const file = decodeFile(readObject(storage, key), { batchBytesMax: 1_000, batchLinesMax: 10 });
    expect((await file.header).notImportable).toEqual(['the importer would cut the name "a:b" at its colon']);
    for await (const _ of file);
  }
});
