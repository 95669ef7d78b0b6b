import { describe, expect, it } from 'vitest';
import type { BackupSink } from '../../../src/index';
import { openSink, raw, to } from '../../sink-harness';

/** The sink as a caller without TypeScript sees it. */
type Loose = { readonly [name in 'write' | 'flush' | 'close']: (...args: unknown[]) => Promise<unknown> };

describe('a call with a wrong argument is refused with a message that helps:', () => {
  it.each<[string, (sink: Loose) => unknown, string, RegExp]>([
    [
      'no partition',
      (sink) => sink.write(undefined, raw(1)),
      'INVALID_OPTIONS',
      /with `instance`, `database`, `retentionPolicy`, got undefined/,
    ],
    [
      'no server',
      (sink) => sink.write({ database: 'd' }, raw(1)),
      'INVALID_NAME',
      /Expected the `instance` of a write to be a non-empty string, got undefined/,
    ],
    [
      'no database',
      (sink) => sink.write({ instance: 'i', database: '' }, raw(1)),
      'INVALID_NAME',
      /the `database` .* got ''/,
    ],
    [
      'a misspelled policy',
      (sink) => sink.write({ ...to, retentionpolicy: 'x' }, raw(1)),
      'INVALID_OPTIONS',
      /Did you mean `retentionPolicy`/,
    ],
    ['a misspelled ack', (sink) => sink.write(to, raw(1), { acks: 'stored' }), 'INVALID_OPTIONS', /Did you mean `ack`/],
    [
      'an ack that does not exist',
      (sink) => sink.write(to, raw(1), { ack: 'disk' }),
      'INVALID_OPTIONS',
      /`ack` to be one of .*'spooled'.*got 'disk'/,
    ],
    ['a misspelled signal', (sink) => sink.flush({ sginal: 1 }), 'INVALID_OPTIONS', /Did you mean `signal`/],
    ['a timeout without its unit', (sink) => sink.close({ timeout: 5 }), 'INVALID_OPTIONS', /Did you mean `timeoutMs`/],
    ['a bare number', (sink) => sink.close(25_000), 'INVALID_OPTIONS', /with `timeoutMs`, got 25000/],
  ])('%s', async (_, call, code, message) => {
    const { sink } = await openSink();
    const outcome = (async () => call(sink as BackupSink & Loose))();
    await expect(outcome).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('a level that does not exist', async () => {
    const { sink } = await openSink();
    const receipt = await sink.write(to, raw(1));
    await expect(receipt.reached('strored' as never)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
