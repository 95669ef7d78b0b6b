import { describe, expect, it } from 'vitest';
import { formatKey } from '../../src/keys/format-key';
import {
  isSeedName,
  mayBeSeedId,
  parseSchemaKey,
  parseSeedManifestKey,
  schemaKey,
  seedFileId,
  seedFileMs,
  seedManifestKey,
} from '../../src/seed/seed-key';

const id = '01a22c53-8200-7def-8123-456789abcdef';
const named = (day: string, file: string) => formatKey({ instance: 'influxdb-0', database: 'db', day, id: file });

describe('the keys of a seed', () => {
  it('lie beside every instance, and read back', () => {
    expect(seedManifestKey('influxdb-0', id)).toBe(`~seed/influxdb-0/${id}.json.gz`);
    expect(schemaKey('a/b ~', id)).toBe(`~schema/a%2Fb%20%7E/${id}.influxql.gz`);
    expect(parseSeedManifestKey(seedManifestKey('a/b ~', id))).toEqual({ instance: 'a/b ~', id });
    expect(parseSchemaKey(schemaKey('a/b ~', id))).toEqual({ instance: 'a/b ~', id });
  });

  it.each([
    'influxdb-0/db/rp/20261130/file.gz',
    `~seed/influxdb-0/${id}.json`,
    `~seed/influxdb-0/${id.toUpperCase()}.json.gz`,
    `~seed/influxdb-0/more/${id}.json.gz`,
    `~seed/%41/${id}.json.gz`,
    `~seed/%/${id}.json.gz`,
    `~seed//${id}.json.gz`,
    `~schema/influxdb-0/${id}.json.gz`,
  ])('do not include %s', (key) => {
    expect(parseSeedManifestKey(key)).toBeUndefined();
    expect(parseSchemaKey(key)).toBeUndefined();
  });

  it.each(['', 'seed', id.toUpperCase()])('refuse the id %j', (wrong) => {
    expect(() => seedManifestKey('influxdb-0', wrong)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });
});

describe('the names of the files of a seed', () => {
  it('count up from 2000-01-01, before everything that was ever teed', () => {
    expect(new Date(seedFileMs(0)).toISOString()).toBe('2000-01-01T00:00:00.000Z');
    const ids = [0, 1, 255, 256, 86_400_000, 31_000_000_000].map((n) => seedFileId(seedFileMs(n), 0, 5));
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[0]).toBe('00dc6acf-ac00-7000-8eed-000000000005');
    for (const wrong of [-1, 0.5, 2 ** 36]) expect(() => seedFileMs(wrong)).toThrow(RangeError);
  });

  it('sort by their count within one millisecond', () => {
    const ids = [0, 1, 2 ** 24 - 1, 2 ** 24, 2 ** 36 - 1].map((count, i) =>
      seedFileId(Date.UTC(2026, 0), count, 99 - i),
    );
    expect(ids.toSorted()).toEqual(ids);
    for (const wrong of [
      [-1, 0],
      [2 ** 36, 0],
      [0, 2 ** 24],
    ] as const) {
      expect(() => seedFileId(0, wrong[0], wrong[1])).toThrow(RangeError);
    }
  });

  it('are recognized: a first seed by its time, a later one by a mark that its header confirms', () => {
    expect(isSeedName(named('20000101', seedFileId(seedFileMs(0), 0, 0)))).toBe(true);
    expect(isSeedName(named('20261130', seedFileId(Date.UTC(2026, 10, 30), 0, 0)))).toBe(false);
    expect(isSeedName(named('20261130', id))).toBe(false);
    expect(isSeedName(`~seed/influxdb-0/${id}.json.gz`)).toBe(false);
    expect(mayBeSeedId(seedFileId(Date.UTC(2026, 10, 30), 3, 4))).toBe(true);
    expect(mayBeSeedId(id)).toBe(false);
  });
});
