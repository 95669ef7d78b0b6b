import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { BackupSink, type BackupSinkOptions } from '../../../src/index';
import { errorOf, line, openSink, raw, storedNumbers, storedTexts, temporaryDirectory, to } from '../../sink-harness';

type Loose = { readonly [name in 'write' | 'flush']: (...args: unknown[]) => Promise<unknown> };

const time = 1_700_000_000;
const good = (n: number) => ({ measurement: 'm', tags: { n: `${n}` }, fields: { v: 1n }, timestamp: time + n });

/** A point whose field leads back to it, and points that throw when they are read. */
const circular: { v?: object } = {};
circular.v = circular;
const throwing = (name: string) =>
  Object.defineProperty({ ...good(1) }, name, {
    enumerable: true,
    get: () => {
      throw new TypeError('a bug');
    },
  });
const unreadable: readonly [string, object][] = [
  ['with a circular field value', { ...good(1), fields: circular }],
  ['with a field value that has no text', { ...good(1), fields: { v: Object.create(null) } }],
  ['whose fields throw', throwing('fields')],
  ['whose timestamp throws', throwing('timestamp')],
];

describe('opening a sink with a wrong option fails, and the message says what the option takes:', () => {
  it.each<[string, object, RegExp]>([
    ['half a gzip level', { gzipLevel: 2.5 }, /`gzipLevel` to be a whole number from 0 to 9, got 2.5/],
    ['half a byte', { bufferedBytesMax: 1024.5 }, /`bufferedBytesMax` to be a whole number/],
    ['half a file', { openFilesMax: 16.5 }, /`openFilesMax` to be a whole number/],
    ['an empty logger', { logger: {} }, /`logger` to be an object with debug\(\), info\(\), warn\(\), error\(\)/],
    ['no logger', { logger: null }, /`logger` to be an object with/],
    ['a table of policies', { policies: {} }, /`policies` to be a function, .* readPolicies/],
    ['an empty disk', { fs: {} }, /`fs` to be an object with open\(\), /],
    ['half a clock', { clock: { now: Date.now } }, /`clock` to be an object with now\(\), sleep\(\)/],
    ['no storage', { storage: null }, /`storage` to be an object with put\(\), such as a LocalStorage/],
  ])('%s', async (_, given, message) => {
    const options = { storage: new MemoryStorage(), spoolDir: await temporaryDirectory(), precision: 's', ...given };
    const error = await errorOf(BackupSink.open(options as BackupSinkOptions));
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) });
  });

  it.each([[undefined], [null], ['/spool']])('%o instead of options', async (options) => {
    const error = await errorOf(BackupSink.open(options as never));
    expect(error).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/with `storage`, `spoolDir`/),
    });
  });

  it('a fraction of a millisecond is allowed', async () => {
    await openSink({ segmentAgeMsMax: 1_000.5 });
  });
});

describe('a wrong argument is INVALID_OPTIONS:', () => {
  it.each<[string, (sink: Loose) => Promise<unknown>, RegExp]>([
    ['null for the options of a write', (sink) => sink.write(to, raw(1), null), /with `ack`, `signal`, got null/],
    [
      'a write whose signal is no AbortSignal',
      (sink) => sink.write(to, raw(1), { signal: {} }),
      /`signal` to be an AbortSignal, got {}/,
    ],
    [
      'a flush whose signal is no AbortSignal',
      (sink) => sink.flush({ signal: null }),
      /`signal` to be an AbortSignal, got null/,
    ],
    ['null for a flush', (sink) => sink.flush(null), /with `signal`, got null/],
  ])('%s', async (_, call, message) => {
    const { sink } = await openSink();
    const error = await errorOf(call(sink as BackupSink & Loose));
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) });
  });

  it.each([[null], [{ signal: {} }], [{ sginal: 1 }]])('%o for a receipt', async (options) => {
    const { sink } = await openSink();
    const receipt = await sink.write(to, raw(1));
    expect(await errorOf(receipt.reached('spooled', options as never))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('a name that is not a string is INVALID_NAME, whatever it is', async () => {
    const { sink } = await openSink();
    for (const database of [7n, circular, Symbol('d')]) {
      const error = await errorOf(sink.write({ instance: 'i', database: database as never }, raw(1)));
      expect(error).toMatchObject({ code: 'INVALID_NAME' });
    }
  });
});

describe.each(['refuse', 'quarantine'] as const)("with onInvalid '%s'", (onInvalid) => {
  it.each([[undefined], ['sec'], ['n'], ['toString'], [7n]])(
    'raw lines in the precision %o are INVALID_DATA that names the legal words',
    async (precision) => {
      const { sink } = await openSink({ onInvalid });
      for (const lines of [line(1), 'not a line']) {
        const error = await errorOf(sink.write(to, { lines, precision: precision as 's' }));
        expect(error).toMatchObject({
          code: 'INVALID_DATA',
          message: expect.stringMatching(/ns, us, ms, s, m, h/),
        });
      }
      expect(sink.stats()).toMatchObject({ acceptedLines: 0, quarantinedLines: 0 });
    },
  );
});

describe.each(unreadable)('a point %s', (_, point) => {
  it('is INVALID_DATA with its index', async () => {
    const { sink } = await openSink();
    const error = await errorOf(sink.write(to, [good(0), point as never, good(2)]));
    expect(error).toMatchObject({ code: 'INVALID_DATA', cause: { code: 'INVALID_VALUE', index: 1 } });
    expect(await errorOf(sink.write(to, [point as never]))).toMatchObject({
      code: 'INVALID_DATA',
      cause: { index: 0 },
    });
    await sink.write(to, [good(3)]);
  });

  it('goes to quarantine as far as it can be read, and the points beside it are stored', async () => {
    const { sink, storage } = await openSink({ onInvalid: 'quarantine' });
    expect(await sink.write(to, [good(0), point as never, good(2)])).toMatchObject({ lines: 2, quarantined: 1 });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([0, 2]);
    const texts = [...(await storedTexts(storage))].filter(([key]) => key.startsWith('~quarantine/'));
    expect(texts).toEqual([[expect.any(String), expect.stringMatching(/measurement/)]]);
  });
});

it('a hole in an array of points is refused, not left out', async () => {
  const { sink } = await openSink();
  const points = [good(0), good(1)];
  points[3] = good(3);
  expect(await errorOf(sink.write(to, points))).toMatchObject({ code: 'INVALID_DATA', cause: { index: 2 } });
});
