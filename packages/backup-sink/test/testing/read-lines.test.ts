import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../src/testing/index';
import { openSink, raw } from '../sink-harness';

const from = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: '', precision: 's' };

describe('readLines', () => {
  it('returns nothing of a storage that holds nothing', async () => {
    expect(await readLines(new MemoryStorage())).toEqual([]);
  });

  it('returns every record of every file with its place and precision, in the order of the writes', async () => {
    const { sink, storage } = await openSink();
    const { instance, database } = from;
    await sink.write({ instance, database }, { lines: 'm v=1 1\nm s="two\nlines",v=2 2', precision: 's' });
    await sink.flush();
    await sink.write({ instance, database }, { lines: 'm v=3 3', precision: 's' });
    await sink.write({ instance, database, retentionPolicy: 'rp_5d' }, [
      { measurement: 'm', fields: { v: 4 }, timestamp: 4 },
    ]);
    await sink.flush();
    expect(await readLines(storage)).toEqual([
      { ...from, line: 'm v=1 1' },
      { ...from, line: 'm s="two\nlines",v=2 2' },
      { ...from, line: 'm v=3 3' },
      { ...from, retentionPolicy: 'rp_5d', line: 'm v=4 4' },
    ]);
  });

  it('leaves out refused records, and what is not a backup file', async () => {
    const { sink, storage } = await openSink({ onInvalid: 'quarantine' });
    await sink.write({ instance: 'i', database: 'd' }, { lines: 'm v=1 1\nnonsense', precision: 's' });
    await sink.flush();
    await storage.put('notes.txt', { sizeBytes: 0, open: async function* () {} });
    expect((await readLines(storage)).map(({ line }) => line)).toEqual(['m v=1 1']);
  });

  it('refuses a file that is not whole, instead of returning a part of it', async () => {
    const { sink, storage } = await openSink();
    await sink.write({ instance: 'i', database: 'd' }, raw(1, 2, 3));
    await sink.flush();
    const cut = new MemoryStorage();
    for await (const { key, sizeBytes } of storage.list('')) {
      await cut.put(key, { sizeBytes: sizeBytes - 20, open: () => storage.get(key, { end: sizeBytes - 20 }) });
    }
    await expect(readLines(cut)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('it is cut off'),
    });
  });
});
