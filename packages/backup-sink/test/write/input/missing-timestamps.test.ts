import { describe, expect, it } from 'vitest';
import { createTee, teeInflux } from '../../../src/index';
import { errorOf, openSink, SetClock, to } from '../../sink-harness';

const point = { measurement: 'm', fields: { v: 1 } };
const words = (record: string) => ({
  code: 'INVALID_DATA',
  cause: expect.objectContaining({ code: 'PRECISION_LOSS', index: 1 }),
  message: expect.stringMatching(
    new RegExp(`${record} 1 has no timestamp.*precision 's'.*Give it a timestamp.*precision: 'ns'.*truncate`),
  ),
});

/** The moment at which a time is whole in every unit. */
const fullHour = new SetClock();

describe('a sink of seconds that refuses a record without a timestamp says that it had none', () => {
  it('of points', async () => {
    const { sink } = await openSink({ clock: fullHour });
    const written = sink.write(to, [{ ...point, timestamp: new Date(1_700_000_000_000) }, point]);
    expect(await errorOf(written)).toMatchObject(words('point'));
  });

  it('of raw lines', async () => {
    const { sink } = await openSink({ clock: fullHour });
    expect(await errorOf(sink.write(to, { lines: 'm v=1 1\nm v=1\n', precision: 's' }))).toMatchObject(words('record'));
  });

  it('of points and of raw lines in a finer precision through createTee', async () => {
    const { sink } = await openSink({ clock: fullHour });
    const influx = { write: () => Promise.reject(new Error('InfluxDB must not be asked')) };
    const tee = createTee(influx as never, sink, { instance: 'i' });
    const timed = { ...point, timestamp: new Date(1_700_000_000_000) };
    expect(await errorOf(tee.write({ database: 'd' }, [timed, point]))).toMatchObject(words('point'));
    const lines = { lines: 'm v=1 1000\nm v=1\n', precision: 'ms' } as const;
    expect(await errorOf(tee.write({ database: 'd' }, lines))).toMatchObject(words('record'));
  });

  it('of points through teeInflux', async () => {
    const { InfluxDB } = await import('influx');
    const { sink } = await openSink({ clock: fullHour });
    const tee = teeInflux(new InfluxDB('http://127.0.0.1:1/d'), sink, { instance: 'i' });
    const timed = { ...point, timestamp: new Date(1_700_000_000_000) };
    expect(await errorOf(tee.writePoints([timed, point]))).toMatchObject(words('point'));
    for (const precision of ['u', 'ms'] as const)
      expect(await errorOf(tee.writePoints([timed, point], { precision }))).toMatchObject(words('point'));
  });

  it('and still says which timestamp is too fine if there is one', async () => {
    const { sink } = await openSink({ clock: fullHour });
    const written = sink.write(to, [{ ...point, timestamp: new Date(1_700_000_000_123) }]);
    expect(await errorOf(written)).toMatchObject({ message: expect.stringContaining('timestamp 1700000000123 (ms)') });
  });
});
