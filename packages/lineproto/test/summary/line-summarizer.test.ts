import { describe, expect, it } from 'vitest';
import { LineSummarizer } from '../../src/index';

describe('LineSummarizer', () => {
  const sumUp = (text: string, chunkBytes = 1_000) => {
    const lines = new LineSummarizer();
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += chunkBytes) lines.add(bytes.subarray(i, i + chunkBytes));
    return lines.finish();
  };

  it('counts lines and bytes, and finds the least and the greatest timestamp', () => {
    expect(sumUp('# c\nm v=1 5\nm v=1 -9223372036854775806\nm s="7 8" 6 \nm v=9\n', 7).summary).toEqual({
      lines: 4,
      bytes: 54,
      firstTimestamp: -9_223_372_036_854_775_806n,
      lastTimestamp: 6n,
    });
    expect(sumUp('m v=1\n').summary).toBeUndefined();
  });

  it.each([1, 7, 1_000, 4_000_000])('reads records of every length from chunks of %i bytes', (chunkBytes) => {
    const long = `m s="${'a b,\\"'.repeat(chunkBytes === 1 ? 1_000 : 500_000)}" 7\n`;
    const text = `${long}m v=1 5\n\n# c\n${long} m v=2 9`;
    expect(sumUp(text, chunkBytes)).toEqual({
      summary: { lines: 4, bytes: text.length - 5, firstTimestamp: 5n, lastTimestamp: 9n },
      notImportable: [],
    });
    expect(sumUp(`m v=1 5\n${long.replace(' 7', '\n 7')}m v=1 5`, chunkBytes).notImportable).toEqual([]);
    expect(sumUp(`m v=1 5\n${long.replace('a b', 'a\nb')}m v=1 5`, chunkBytes).notImportable).toEqual([
      expect.stringContaining('newline'),
    ]);
  });

  it("says what InfluxDB's importer would get wrong", () => {
    expect(sumUp('m v=1 1\n').notImportable).toEqual([]);
    expect(sumUp('m v=1 1\nm s="a\nb" 1\n').notImportable).toEqual([expect.stringContaining('newline')]);
    const large = `m s="${'x'.repeat(5_100)}" 1\n`.repeat(5_000);
    expect(sumUp(large, 100_000).notImportable).toEqual([expect.stringContaining('5000 lines')]);
    expect(sumUp(large.slice(0, 24_000_000 - (24_000_000 % 5_109)), 100_000).notImportable).toEqual([]);
  });
});
