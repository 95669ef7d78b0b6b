import { describe, expect, it } from 'vitest';
import { findMoved } from '../../src/diagnose/moved-points';
import type { DamagedPlace } from '../../src/watch/judge/value-alarms';

type Tags = DamagedPlace['tags'];

const policy = { database: 'db', name: 'rp' } as DamagedPlace['policy'];
const second = 1_000_000_000n;

/** A value that the backup has alone, and one that the database has alone. */
const lacking = (n: number, tags: Tags = [['host', 'a']]): DamagedPlace => ({
  kind: 'missing',
  policy,
  measurement: 'm',
  tags,
  field: 'v',
  time: BigInt(n) * second,
  inBackup: n + 0.5,
  inDatabase: undefined,
});
const foreign = (n: number, place: Partial<DamagedPlace>): DamagedPlace => ({
  ...lacking(n),
  kind: 'extra',
  ...place,
  inBackup: undefined,
  inDatabase: n + 0.5,
});
const places = (count: number, of: (n: number) => DamagedPlace[]) =>
  Array.from({ length: count }, (_, n) => of(n)).flat();

describe('findMoved', () => {
  it('finds values at other times, whichever way they went', () => {
    for (const [by, how] of [
      [3_600n * second, 'by 3600 s'],
      [-3n, 'by -3 ns'],
    ] as const) {
      const moved = places(10, (n) => [lacking(n), foreign(n, { time: BigInt(n) * second + by })]);
      expect(findMoved(moved)).toEqual({ kind: 'shifted-time', values: 10, how });
    }
  });

  it('finds values under tags whose values changed places, and names the tags', () => {
    const [own, other]: [Tags, Tags] = [
      [
        ['host', 'a'],
        ['room', 'b'],
        ['site', 's'],
      ],
      [
        ['host', 'b'],
        ['room', 'a'],
        ['site', 's'],
      ],
    ];
    const swapped = places(10, (n) => [lacking(n, own), foreign(n, { tags: other })]);
    expect(findMoved(swapped)).toEqual({ kind: 'swapped-tags', values: 10, how: 'host and room' });
  });

  it('takes neither a few values that are elsewhere by chance, nor values of other tags, for a move', () => {
    const elsewhere = (n: number) => [lacking(n), foreign(n, { time: BigInt(n + 7) * second })];
    expect(findMoved(places(2, elsewhere))).toBeUndefined();
    expect(findMoved([...places(7, elsewhere), ...places(3, (n) => [lacking(100 + n)])])).toBeUndefined();
    expect(findMoved(places(10, (n) => [lacking(n), foreign(n, { tags: [['host', 'c']] })]))).toBeUndefined();
  });
});
