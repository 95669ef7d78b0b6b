import fc from 'fast-check';
import { expect, it } from 'vitest';
import { measurementKey } from '../../src/verify/digest/columns';
import { hashSeries } from '../../src/verify/digest/point-hash';
import { SeriesHash } from '../../src/verify/digest/series-hash';
import { cutSeriesKey } from '../../src/verify/digest/series-key';

/** What a key may hold, and most of all what JSON or line protocol writes in another way. */
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'host',
      '"',
      '\\',
      '\\,',
      '\\=',
      '\\ ',
      ' ',
      '=',
      '\n',
      '\t',
      '\0',
      '\x7f',
      '\x80',
      '\xff',
    ),
  )
  .map((parts) => parts.join(''));
const plain = fc.array(fc.constantFrom('a', 'b', 'c', '-', '\xe9')).map((parts) => parts.join(''));
const tag = fc.tuple(fc.oneof(plain, text), fc.oneof(plain, text)).map(([key, value]) => `${key}=${value}`);

it('the hash of a series by the bytes of its key is that of its tags', () => {
  const tags = fc.array(fc.oneof(tag, text), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom('cpu', 'c\\,p\\ u', '"'), tags, fc.boolean(), (name, all, isSorted) => {
      const key = Buffer.from([name, ...(isSorted ? [...all].sort() : all)].join(','), 'latin1');
      const { measurement, tags: cut, nameEnd } = cutSeriesKey(key);
      const own = measurementKey('db', 'autogen', measurement);
      const hash = { hi: 0, lo: 0 };
      new SeriesHash(own).of(key, nameEnd, hash);
      expect(hash).toEqual(hashSeries(own, cut));
    }),
    { numRuns: 2_000 },
  );
});
