import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupSink } from '../../../src/sink';

/** InfluxDB's `max-body-size`; what is longer could be acked, and never stored anywhere. */
const recordBytesMax = 25_000_000;
const to = { instance: 'influxdb-0', database: 'db_0' };
const before = { measurement: 'm', fields: { s: 'short' }, timestamp: 1 };
/** Returns a raw line, or a point, that makes a line of `bytes` bytes with its LF. */
const lineOf = (bytes: number) => `m s="${'x'.repeat(bytes - 'm s="" 1\n'.length)}" 1`;
const pointOf = (bytes: number) => ({ ...before, fields: { s: 'x'.repeat(bytes - 'm s="" 1\n'.length) } });

describe('a line that no request to InfluxDB could hold', () => {
  let spoolDir: string;
  let sink: BackupSink;
  beforeEach(async () => {
    spoolDir = await mkdtemp(join(tmpdir(), 'ceres-overlong-'));
    sink = await BackupSink.open({ storage: new MemoryStorage(), spoolDir, precision: 's' });
  });
  afterEach(async () => {
    await sink.close();
    await rm(spoolDir, { recursive: true });
  });

  it('is refused before the ack, by its index, and nothing of its write is stored', async () => {
    const refused = (bytes: number) => ({
      code: 'INVALID_DATA',
      message: expect.stringContaining(` 1 is a line of ${bytes} bytes`),
    });
    await expect(sink.write(to, [before, pointOf(recordBytesMax + 1)])).rejects.toMatchObject(refused(recordBytesMax));
    // Short enough as it is given, and too long in the sink's precision: 1 h are 3600 s.
    const lines = `m s="short" 1\n${lineOf(recordBytesMax)}\n`;
    await expect(sink.write(to, { lines, precision: 'h' })).rejects.toMatchObject(refused(recordBytesMax + 2));
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('is stored if its length is exactly the limit', async () => {
    await sink.write(to, { lines: lineOf(recordBytesMax), precision: 's' });
    await sink.flush();
    expect(sink.stats()).toMatchObject({ acceptedLines: 1, unstoredFiles: 0, lastError: undefined });
  });
});
