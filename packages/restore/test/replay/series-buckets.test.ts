import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesBuckets } from '../../src/replay/route/series-buckets';

const count = 16;

function bucketsOf(keys: readonly string[], series = new SeriesBuckets(count)): number[] {
  const bytes = Buffer.from(keys.join(''));
  series.bytes = bytes;
  let start = 0;
  return keys.map((key) => {
    const end = start + Buffer.byteLength(key);
    const bucket = series.bucketOf(start, end);
    start = end;
    return bucket;
  });
}

const tag = fc.tuple(fc.constantFrom('a', 'b', 'host', 'c\\ d'), fc.constantFrom('1', '2', 'x\\,y', 'é'));

describe('SeriesBuckets', () => {
  it('gives a series the same bucket in any order of its tags, also after many other series', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tag, { selector: ([key]) => key }), fc.nat(), (tags, seed) => {
        const texts = tags.map(([key, value]) => `,${key}=${value}`);
        const turned = [...texts].reverse();
        const others = Array.from({ length: 300 }, (_, i) => `other,n=${(seed + i) % 1_000}`);
        const keys = [`m${texts.join('')}`, ...others, `m${turned.join('')}`, `m${texts.join('')}`];
        const found = bucketsOf(keys);
        expect(found.at(-2)).toBe(found[0]);
        expect(found.at(-1)).toBe(found[0]);
      }),
    );
  });

  it('keeps the bucket of a series when there are more series than remembered spellings', () => {
    const series = new SeriesBuckets(count);
    const keys = Array.from({ length: 100_000 }, (_, i) => `cpu,host=node-${i}`);
    const first = bucketsOf(keys, series);
    expect(bucketsOf(keys, series)).toEqual(first);
    expect(new Set(first)).toEqual(new Set(Array.from({ length: count }, (_, bucket) => bucket)));
  });

  it('spreads a few series evenly, and keeps neighbors among many series together', () => {
    expect(bucketsOf(Array.from({ length: count }, (_, i) => `m,host=${i}`)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, bucket) => bucket),
    );
    const many = bucketsOf(Array.from({ length: 10_000 }, (_, i) => `m,host=${i}`));
    const changes = many.filter((bucket, i) => bucket !== many[i - 1]).length;
    expect(changes).toBeLessThan(many.length / 8);
    const loads = Array.from({ length: count }, (_, bucket) => many.filter((other) => other === bucket).length);
    expect(Math.max(...loads)).toBeLessThan(1.2 * (many.length / count));
  });

  it('accepts keys of any length', () => {
    const keys = ['m', 'mm', 'mmm', 'mmmm', 'mmmmm'];
    const series = new SeriesBuckets(count);
    expect(bucketsOf(keys, series)).toEqual(bucketsOf(keys, series));
  });
});
