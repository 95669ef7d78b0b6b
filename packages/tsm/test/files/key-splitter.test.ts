import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinKey, KeySplitter, splitKey } from '../../src/files/key';

/** Parts that are mostly the same, begin with each other, or hold a piece of what stands between them. */
const part = fc.array(fc.constantFrom('a', 'b', '#', '!', '~', '#!~#', 'cpu,host=a'), { minLength: 1, maxLength: 4 });
const keys = fc
  .uniqueArray(
    fc.tuple(part, part).map(([series, field]) => joinKey(Buffer.from(series.join('')), Buffer.from(field.join('')))),
    { selector: (key) => Buffer.from(key).toString('latin1'), minLength: 1, maxLength: 30 },
  )
  .map((all) => all.filter((key) => canSplit(key)).sort(Buffer.compare));

function canSplit(key: Uint8Array): boolean {
  return Buffer.from(key).indexOf('#!~#') > 0;
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

it('keys in order are split as each alone is, whether what they share with the one before is known or not', () => {
  fc.assert(
    fc.property(keys, fc.boolean(), (sorted, isKnown) => {
      const splitter = new KeySplitter();
      let before: Uint8Array = new Uint8Array(0);
      let seriesBefore: Uint8Array | undefined;
      for (const key of sorted) {
        const { seriesKey, field } = splitter.split(key, isKnown ? sharedLength(before, key) : 0);
        const alone = splitKey(key);
        expect(Buffer.from(seriesKey).toString()).toBe(Buffer.from(alone.seriesKey).toString());
        expect(Buffer.from(field).toString()).toBe(Buffer.from(alone.field).toString());
        const isSame = seriesBefore !== undefined && Buffer.compare(seriesBefore, alone.seriesKey) === 0;
        expect(seriesKey === seriesBefore).toBe(isSame);
        before = key;
        seriesBefore = seriesKey;
      }
    }),
    { numRuns: 500 },
  );
});
