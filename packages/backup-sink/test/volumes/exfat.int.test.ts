import { readdir, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStorage } from '@ceres/storage';
import { mountDisk, mountObstacle } from '@ceres/testkit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { BackupSink } from '../../src/index';
import { errorOf, openSink, raw, storedNumbers, to } from '../sink-harness';

const obstacle = await mountObstacle('exfat');
const reason = obstacle === undefined ? '' : ` (skipped: ${obstacle})`;

async function exfat(): Promise<string> {
  const disk = await mountDisk({ kind: 'exfat', sizeBytes: 64 * 1024 * 1024 });
  onTestFinished(() => disk.remove());
  return disk.path;
}

function bodyOf(text: string) {
  return {
    sizeBytes: text.length,
    open: async function* () {
      yield Buffer.from(text);
    },
  };
}

it.skipIf(obstacle !== undefined)(
  `a spool on exFAT, which has no hard links, has one owner and stores everything, also what a closed sink left${reason}`,
  async () => {
    const spoolDir = join(await exfat(), 'spool');
    const warnings: object[] = [];
    const silent = () => undefined;
    const logger = { debug: silent, info: silent, warn: (o: object) => void warnings.push(o), error: silent };
    const first = await openSink({ spoolDir, segmentBytesMax: 1024, logger });
    first.storage.put = () => new Promise(() => undefined);
    expect(await errorOf(BackupSink.open({ spoolDir, precision: 's', storage: first.storage }))).toMatchObject({
      code: 'SPOOL_LOCKED',
    });
    for (let n = 0; n < 40; n += 1) await first.sink.write(to, raw(n));
    await first.sink.close({ timeoutMs: 200 });
    expect(warnings).toContainEqual(expect.objectContaining({ lacks: 'hard links' }));

    const second = await openSink({ spoolDir });
    await second.sink.write(to, raw(40));
    await second.sink.flush();
    await second.sink.close();
    expect([...new Set(await storedNumbers(second.storage))]).toEqual(Array.from({ length: 41 }, (_, n) => n));
    expect(await readdir(join(spoolDir, 'influxdb-0/db_0/rp_5d'))).toEqual([]);
  },
);

it.skipIf(obstacle !== undefined)(
  `a LocalStorage on exFAT creates each object once, never overwrites it, and fills a name that a killed writer reserved${reason}`,
  async () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => emitWarning.mockRestore());
    const bucket = join(await exfat(), 'bucket');
    const storages = Array.from({ length: 4 }, () => new LocalStorage(bucket));
    for (let k = 0; k < 10; k += 1) {
      const puts = storages.map((storage, n) => storage.put(`i/${k}`, bodyOf(`writer ${n}`)));
      const outcomes = await Promise.allSettled(puts);
      const winners = outcomes.flatMap((outcome, n) =>
        outcome.status === 'fulfilled' && outcome.value === 'created' ? [n] : [],
      );
      expect(winners).toHaveLength(1);
      const chunks: Uint8Array[] = [];
      for await (const chunk of new LocalStorage(bucket).get(`i/${k}`)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe(`writer ${winners[0]}`);
    }
    expect(JSON.stringify(emitWarning.mock.calls)).toContain('CERES_NO_HARD_LINKS');

    const [storage] = storages as [LocalStorage];
    await truncate(join(bucket, 'i/1'), 0);
    expect(await errorOf(storage.put('i/1', bodyOf('new')))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(join(bucket, 'i/1'), longAgo, longAgo);
    expect(await storage.put('i/1', bodyOf('new'))).toBe('created');
    expect(await storage.put('i/1', bodyOf('newer'))).toBe('exists');
    expect(await readdir(join(bucket, '~tmp'))).toEqual([]);
  },
);
