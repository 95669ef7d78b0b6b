import { StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTee } from '../../src/index';
import { errorOf, openSink, raw, storedNumbers, to } from '../sink-harness';

const bug = (): never => {
  throw new Error('a bug of the logger');
};
const logger = { debug: bug, info: bug, warn: bug, error: bug };
const warning = vi.spyOn(process, 'emitWarning');

beforeEach(() => void warning.mockReset().mockReturnValue(undefined));

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

it('a logger that throws blocks neither a write nor a file, and causes one warning', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', logger });
  disk.fault = ({ operation }) => (operation === 'datasync' ? { kind: 'EIO' } : undefined);
  expect(await errorOf(sink.write(to, raw(1)))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  disk.fault = undefined;
  await sink.write(to, raw(2));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([2]);
  expect(warning.mock.calls).toEqual([[expect.stringContaining('a bug of the logger'), 'CeresWarning']]);
});

it('a tee whose sink has a logger that throws passes on the answer of InfluxDB', async () => {
  const { sink } = await openSink({ logger });
  const influx = { write: () => Promise.reject(new StorageError('UNAVAILABLE', 'no InfluxDB')) };
  const tee = createTee(influx as never, sink, { instance: 'influxdb-0' });
  expect(await errorOf(tee.write({ database: 'db_0' }, raw(1)))).toMatchObject({ message: 'no InfluxDB' });
});

it('a listener that throws or rejects together with the logger blocks no write', async () => {
  const { sink, storage } = await openSink({ logger });
  sink.on('sealed', bug);
  sink.on('sealed', async () => bug());
  await sink.write(to, raw(1));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1]);
});
