import { describe, expect, it } from 'vitest';
import type { BackupSink } from '../../src/index';
import { openSink, raw, to } from '../sink-harness';

/** As a caller without TypeScript has it. */
type Loose = { readonly [name in 'write' | 'flush' | 'close']: (...args: unknown[]) => Promise<unknown> };

describe('a call that means something else than it says is refused, with the name that was meant:', () => {
  it.each<[string, (sink: Loose) => unknown, string, RegExp]>([
    [
      'nowhere',
      (sink) => sink.write(undefined, raw(1)),
      'INVALID_OPTIONS',
      /undefined instead of { instance, database/,
    ],
    [
      'no server',
      (sink) => sink.write({ database: 'd' }, raw(1)),
      'INVALID_NAME',
      /The instance of a write is undefined/,
    ],
    [
      'no database',
      (sink) => sink.write({ instance: 'i', database: '' }, raw(1)),
      'INVALID_NAME',
      /The database .* ""/,
    ],
    [
      'a misspelt policy',
      (sink) => sink.write({ ...to, retentionpolicy: 'x' }, raw(1)),
      'INVALID_OPTIONS',
      /"retentionPolicy"/,
    ],
    ['a misspelt ack', (sink) => sink.write(to, raw(1), { acks: 'stored' }), 'INVALID_OPTIONS', /Did you mean "ack"/],
    [
      'an ack that there is not',
      (sink) => sink.write(to, raw(1), { ack: 'disk' }),
      'INVALID_OPTIONS',
      /ack was given disk: .*'spooled'/,
    ],
    ['a misspelt signal', (sink) => sink.flush({ sginal: 1 }), 'INVALID_OPTIONS', /Did you mean "signal"/],
    ['a timeout without its unit', (sink) => sink.close({ timeout: 5 }), 'INVALID_OPTIONS', /Did you mean "timeoutMs"/],
    ['a bare number', (sink) => sink.close(25_000), 'INVALID_OPTIONS', /25000 instead of { timeoutMs }/],
  ])('%s', async (_, call, code, message) => {
    const { sink } = await openSink();
    const outcome = (async () => call(sink as BackupSink & Loose))();
    await expect(outcome).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('a level that there is not', async () => {
    const { sink } = await openSink();
    const receipt = await sink.write(to, raw(1));
    await expect(receipt.reached('strored' as never)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
