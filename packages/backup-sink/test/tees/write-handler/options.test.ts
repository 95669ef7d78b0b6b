import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../src/index';
import { openTestSink } from '../backup';

describe('createWriteHandler refuses misuse and names the fix:', () => {
  const url = 'http://127.0.0.1:8086';
  it.each<[string, string, object, RegExp]>([
    ['no URL', 'influxdb', {}, /needs the URL of the InfluxDB, such as http:\/\/127.0.0.1:8086/],
    ['credentials of its own', 'http://me:secret@127.0.0.1', {}, /passes on those of each client/],
    ['a misspelt option', url, { maxBodyBytes: 5 }, /no option "maxBodyBytes"/],
    ['a limit of nothing', url, { bodyBytesMax: 0 }, /bodyBytesMax is 0/],
  ])('%s', async (_, server, options, message) => {
    const { sink } = await openTestSink();
    expect(() => createWriteHandler(server, sink, { instance: 'i', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('and does not repeat a password', async () => {
    const { sink } = await openTestSink();
    const server = 'http://me:secret@127.0.0.1';
    expect(() => createWriteHandler(server, sink, { instance: 'i' })).not.toThrow(/secret/);
  });
});
