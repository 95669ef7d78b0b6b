import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../src/index';
import { openTestSink } from '../backup';

describe('createWriteHandler refuses wrong arguments and names the fix:', () => {
  const url = 'http://127.0.0.1:8086';
  it.each<[string, string, object, RegExp]>([
    ['a server that is not a URL', 'influxdb', {}, /Expected `server` to be the URL .* http:\/\/127.0.0.1:8086/],
    ['credentials in the URL', 'http://me:secret@127.0.0.1', {}, /passes on those of each client/],
    ['a misspelled option', url, { maxBodyBytes: 5 }, /no option `maxBodyBytes`/],
    ['a limit of 0', url, { bodyBytesMax: 0 }, /Expected `bodyBytesMax` to be a number of bytes from 1 to .* got 0/],
  ])('%s', async (_, server, options, message) => {
    const { sink } = await openTestSink();
    expect(() => createWriteHandler(server, sink, { instance: 'i', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('and does not show a password', async () => {
    const { sink } = await openTestSink();
    const server = 'http://me:secret@127.0.0.1';
    expect(() => createWriteHandler(server, sink, { instance: 'i' })).not.toThrow(/secret/);
  });
});
