import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { readSeriesFile } from '../../src/names/series-file';
import { SeriesSet } from '../../src/names/series-set';
import { temporaryFolders } from '../fixtures/unpack';
import { seriesEntry, seriesSegment, writeSeriesFile } from './name-files';

const folder = temporaryFolders();
const read = (path: string) => readSeriesFile(path, nodeFileSystem);
const key = (text: string) => Buffer.from(text);

/** Writes one partition with some segments; the others are empty. */
async function partition(...segments: readonly Uint8Array[]): Promise<string> {
  const path = await folder();
  await writeSeriesFile(path);
  for (const [i, bytes] of segments.entries())
    await writeFile(join(path, '00', i.toString(16).padStart(4, '0')), bytes);
  return path;
}

describe('a series file', () => {
  it('knows its series, however their keys are escaped', async () => {
    const path = await folder();
    await writeSeriesFile(
      path,
      ['cpu', { host: 'a' }],
      ['odd name', { 'tag k': 'tag,v', x: 'a=b' }],
      ['back\\slash'],
      ['m"x=', { t: '="' }],
    );
    const series = await read(path);
    expect(series?.size).toBe(4);
    for (const known of [
      'cpu,host=a',
      'odd\\ name,tag\\ k=tag\\,v,x=a\\=b',
      'odd\\ name,tag\\ k=tag\\,v,x=a=b',
      'back\\slash',
      'm\\"x\\=,t=\\=\\"',
      'm"x=,t=\\="',
    ])
      expect(series?.has(key(known)), known).toBe(true);
    for (const other of ['cpu', 'cpu,host=b', 'cpu,host=a,', 'odd\\ name', 'backslash'])
      expect(series?.has(key(other)), other).toBe(false);
  });

  it('may have several segments, deleted series, and more in a segment than is read at once', async () => {
    const deleted = Buffer.from(seriesEntry(9, ['x']).subarray(0, 9));
    deleted[0] = 2;
    const many = Array.from({ length: 20_000 }, (_, i) => seriesEntry(17 + 8 * i, [`m${i}`, { tag: 'x'.repeat(40) }]));
    const path = await partition(
      seriesSegment(seriesEntry(1, ['a']), deleted, ...many),
      seriesSegment(seriesEntry(160_017, ['b'])),
    );
    const series = await read(path);
    expect(series?.size).toBe(20_002);
    for (const known of ['a', 'b', `m19999,tag=${'x'.repeat(40)}`]) expect(series?.has(key(known)), known).toBe(true);
  });

  it('is undefined if there is none', async () => {
    expect(await read(join(await folder(), 'none'))).toBeUndefined();
  });

  it('that lacks a partition or a segment is refused', async () => {
    const path = await partition(seriesSegment(), seriesSegment(), seriesSegment());
    await rm(join(path, '00/0001'));
    await expect(read(path)).rejects.toThrow(/00 lacks the segment before 0002/);
    await rm(join(path, '03'), { recursive: true });
    await rm(join(path, '00'), { recursive: true });
    await mkdir(join(path, '00'));
    await expect(read(path)).rejects.toThrow(/00 has no segments/);
  });

  it('with a part of an entry at its end was left by a crash; with another entry behind it, it is damaged', async () => {
    const [first, second, third] = [seriesEntry(1, ['one']), seriesEntry(9, ['second']), seriesEntry(17, ['third'])];
    for (let length = 1; length < second.length; length += 1) {
      const series = await read(await partition(seriesSegment(first, second.subarray(0, length))));
      expect(series?.has(key('one')), String(length)).toBe(true);
    }
    await expect(read(await partition(seriesSegment(first, second.subarray(0, -2), third)))).rejects.toThrow(
      /entry at \d+: /,
    );
    const torn = seriesSegment(first, second.subarray(0, 9));
    await expect(read(await partition(torn, seriesSegment(third)))).rejects.toThrow(/entry at \d+: /);
  });

  it('with any flipped bit is refused, or has another series: never is a series left out without a sign', async () => {
    const whole = seriesSegment(
      seriesEntry(1, ['one']),
      seriesEntry(9, ['two', { a: 'b' }]),
      seriesEntry(17, ['three']),
    );
    const path = await partition(whole);
    let refused = 0;
    for (let at = 0; at < 70 * 8; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7));
      await writeFile(join(path, '00/0000'), flipped);
      const series = await read(path).catch((error: unknown) => error);
      if (series instanceof SeriesSet) expect(series.size, String(at)).toBeGreaterThanOrEqual(2);
      else refused += 1;
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('a set of series', () => {
  it('holds many, and never takes one for another that differs in one bit', () => {
    const set = new SeriesSet();
    const keys = Array.from({ length: 20_000 }, (_, i) => key(`cpu,host=server-${i},region=eu`));
    for (const one of keys) set.add(one);
    expect(set.size).toBe(20_000);
    const texts = new Set(keys.map(String));
    for (const one of keys.slice(0, 200)) {
      expect(set.has(one)).toBe(true);
      for (let bit = 0; bit < one.length * 8; bit += 5) {
        const flipped = Buffer.from(one);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        if (set.has(flipped) !== texts.has(flipped.toString())) expect.fail(flipped.toString());
      }
    }
  });
});
