import { channel } from 'node:diagnostics_channel';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BackupSink, type BackupSinkOptions } from '../../../src/index';
import { errorOf, line, openSink, raw, storedNumbers, storedTexts, temporaryDirectory, to } from '../../sink-harness';

describe('bad input', () => {
  it('a bad line is named with its index and reason, and nothing of its write is stored', async () => {
    const { sink, storage } = await openSink();
    const error = await errorOf(sink.write(to, { lines: `${line(1)}no fields\n`, precision: 's' }));
    expect(error).toMatchObject({ code: 'INVALID_DATA', cause: { code: 'SYNTAX', index: 1 } });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([]);
  });

  it('refuses a write with very many bad records, whole and with little memory', async () => {
    for (const onInvalid of ['refuse', 'quarantine'] as const) {
      const { sink } = await openSink({ onInvalid });
      const lines = `m v=1 1\n${'bad\n'.repeat(500_000)}`;
      const before = process.memoryUsage().heapUsed;
      await expect(sink.write(to, { lines, precision: 's' })).rejects.toMatchObject({ code: 'INVALID_DATA' });
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6); // an error for each would take 500 MB
      expect(sink.stats()).toMatchObject({ acceptedLines: 0, quarantinedLines: 0 });
      await sink.close();
    }
  });

  it('quarantine keeps bad records with their reason outside the instance, and stores the rest', async () => {
    const { sink, storage } = await openSink({ onInvalid: 'quarantine' });
    const receipt = await sink.write(to, { lines: `${line(1)}no fields\n${line(2)}`, precision: 's' });
    expect(receipt).toMatchObject({ lines: 2, quarantined: 1 });
    const point = { measurement: 'm', fields: { v: Number.NaN }, timestamp: 1_700_000_000 };
    expect(await sink.write(to, [point])).toMatchObject({ lines: 0, quarantined: 1 });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1, 2]);
    const [[key, text] = ['', '']] = [...(await storedTexts(storage))].filter(([name]) =>
      name.startsWith('~quarantine/'),
    );
    expect(key).toMatch(/^~quarantine\/influxdb-0\/db_0\/rp_5d\/\d{8}\//);
    expect(text).toMatch(
      /^# DML\n(# CERES-.*\n)+# CERES-REASON: code=SYNTAX bytes=9\nno fields\n# CERES-REASON: code=INVALID_VALUE bytes=\d+\n\{.*\}\n$/,
    );
    expect(text).not.toContain('CONTEXT-DATABASE');
    expect(sink.stats().quarantinedLines).toBe(2);
  });

  it.each([
    [{ instance: '', database: 'd' }],
    [{ instance: 'i', database: 'd\n# CERES-END:' }],
    [{ instance: 'i', database: 'x'.repeat(300) }],
    [{ instance: 'i', database: 7 as unknown as string }],
  ])('refuses the names %o with INVALID_NAME', async (names) => {
    const { sink } = await openSink();
    expect(await errorOf(sink.write(names, raw(1)))).toMatchObject({ code: 'INVALID_NAME' });
  });

  it('names with a slash, two dots or a colon stay inside the spool and the prefix', async () => {
    const { sink, storage } = await openSink();
    await sink.write({ instance: '..', database: 'a/../b:c' }, raw(1));
    await sink.flush();
    const [[key, text] = ['', '']] = await storedTexts(storage);
    expect(key).toMatch(/^%2E%2E\/a%2F\.\.%2Fb%3Ac\/~default\/\d{8}\/[0-9a-f-]{36}\.gz$/);
    expect(text).toContain('# CERES-NOT-IMPORTABLE: ');
  });

  it('a line without a timestamp is refused at a coarse precision, always, and stamped apart at ns', async () => {
    const { sink } = await openSink();
    for (let i = 0; i < 20; i += 1) {
      expect(await errorOf(sink.write(to, { lines: 'm v=1', precision: 's' }))).toMatchObject({
        cause: { code: 'PRECISION_LOSS' },
      });
    }
    const fine = await openSink({ precision: 'ns' });
    await fine.sink.write(to, { lines: 'm v=1\nm v=2\n', precision: 'ns' });
    await fine.sink.write(to, [{ measurement: 'm', fields: { v: 3 } }]);
    await fine.sink.flush();
    const [text = ''] = (await storedTexts(fine.storage)).values();
    const stamps = [...text.matchAll(/^m v=\d (\d+)$/gm)].map((match) => BigInt(match[1] ?? 0));
    expect(stamps).toHaveLength(3);
    expect([...new Set(stamps)].sort()).toEqual(stamps);
  });

  it.each<[string, object]>([
    ['an unknown option, with the right name', { segmentByteMax: 1 }],
    ['a limit out of its bounds', { openFilesMax: 1 }],
    ['a word that is none', { ack: 'yes' }],
    ['a storage without put()', { storage: {} }],
  ])('refuses %s', async (_, options) => {
    const spoolDir = await temporaryDirectory();
    const all = { storage: new MemoryStorage(), spoolDir, precision: 's', ...options } as BackupSinkOptions;
    expect(await errorOf(BackupSink.open(all))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it('refuses a spool of a later version, and leaves a file that it does not know alone', async () => {
    const spoolDir = await temporaryDirectory();
    await mkdir(join(spoolDir, 'i/d/r'), { recursive: true });
    await writeFile(join(spoolDir, 'i/d/r/notes.txt'), 'mine');
    const unknown: string[] = [];
    const heard = ({ path }: { path?: string } | never) => unknown.push(path ?? '');
    const listener = (message: unknown) => heard(message as { path?: string });
    channel('ceres:sink:unknown').subscribe(listener);
    onTestFinished(() => void channel('ceres:sink:unknown').unsubscribe(listener));
    const { sink, storage } = await openSink({ spoolDir });
    expect(unknown).toEqual([join(spoolDir, 'i/d/r/notes.txt')]);
    await sink.close();
    expect(await readdir(join(spoolDir, 'i/d/r'))).toEqual(['notes.txt']);

    await writeFile(join(spoolDir, '~spool/format-2'), '');
    expect(await errorOf(BackupSink.open({ storage, spoolDir, precision: 's' }))).toMatchObject({
      code: 'SPOOL_NEWER',
    });
  });
});
