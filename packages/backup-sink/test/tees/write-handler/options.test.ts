import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../src/index';
import { openTestSink } from '../backup';

describe('createWriteHandler refuses misuse and names the fix:', () => {
  it.each<[string, object, RegExp]>([
    ['no URL', { forward: 'influxdb' }, /needs 'forward'.*http:\/\/127.0.0.1:8086/],
    ['credentials of its own', { forward: 'http://me:secret@127.0.0.1' }, /passes on those of each client/],
    ['a misspelt option', { maxBodyBytes: 5 }, /no option "maxBodyBytes"/],
    ['a limit of nothing', { bodyBytesMax: 0 }, /bodyBytesMax is 0/],
  ])('%s', async (_, options, message) => {
    const { sink } = await openTestSink();
    const all = { sink, forward: 'http://127.0.0.1:8086', instance: 'i', ...options };
    expect(() => createWriteHandler(all)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('and does not repeat a password', async () => {
    const { sink } = await openTestSink();
    const forward = 'http://me:secret@127.0.0.1';
    expect(() => createWriteHandler({ sink, forward, instance: 'i' })).not.toThrow(/secret/);
  });
});
