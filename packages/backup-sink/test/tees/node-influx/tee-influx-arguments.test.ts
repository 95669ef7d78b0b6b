import { describe, expect, it } from 'vitest';
import { teeInflux } from '../../../src/index';
import { instance, point, setUp } from './client';

describe('teeInflux refuses wrong arguments and names the fix:', () => {
  it.each<[string, object, RegExp]>([
    ['no instance', {}, /Expected `instance` to be a non-empty string, such as 'influxdb-0.influxdb'/],
    [
      'a misspelled option',
      { instance, onInfluxErrors: 'resolve' },
      /no option `onInfluxErrors`. Did you mean `onInfluxError`/,
    ],
    ['an unknown word', { instance, onSinkError: 'ignore' }, /`onSinkError` to be one of 'reject', 'continue'/],
    ['a timeout of 0', { instance, influxTimeoutMs: 0 }, /`influxTimeoutMs` to be a number of milliseconds from 1/],
  ])('%s', async (_, options, message) => {
    const { client, sink } = await setUp();
    expect(() => teeInflux(client, sink, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('something other than a client or a sink', async () => {
    const { client, sink } = await setUp();
    expect(() => teeInflux({} as never, sink, { instance })).toThrow(/Expected `client` to be .* new InfluxDB/);
    expect(() => teeInflux(client, {} as never, { instance })).toThrow(/await BackupSink.open/);
  });

  it('null instead of options', async () => {
    const { client, sink, fake, lines } = await setUp();
    const tee = teeInflux(client, sink, { instance });
    const refusal = {
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/Expected `options` to be an object such as .* or left out, got null/),
    };
    await expect(tee.writePoints([point], null as never)).rejects.toMatchObject(refusal);
    await expect(tee.writeMeasurement('m', [point], null as never)).rejects.toMatchObject(refusal);
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('a point instead of an array of points', async () => {
    const { client, sink } = await setUp();
    const tee = teeInflux(client, sink, { instance });
    const message = /the points of writePoints\(\) to be an array/;
    await expect(tee.writePoints({ measurement: 'm' } as never)).rejects.toThrow(message);
    await expect(tee.writeMeasurement('m', undefined as never)).rejects.toThrow(
      /the points of writeMeasurement\(\) to be an array/,
    );
  });
});
