import { superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { compiled } from '../support/compile';
import { startMs } from '../support/ground';

const WEEK_S = 604_800;

/** What takes its time after the records are read: their shapes, series and fields. */
const many: Readonly<Record<string, (sizeBytes: number) => string>> = {
  'many fields in two shapes': (sizeBytes) => {
    const fields = numbered(sizeBytes / 20, (n) => `,f${n}=1`);
    return `m a=1${fields} 1\nm b=1${fields} 2\n`;
  },
  'many shapes of one series': (sizeBytes) => numbered(sizeBytes / 50, (n) => `m v=1,w=1,f${n}=1 ${n}\n`),
  'points from the latest to the earliest': (sizeBytes) => numbered(sizeBytes / 14, (n) => `m v=1 ${sizeBytes - n}\n`),
  'many shards': (sizeBytes) => numbered(sizeBytes / 1_000, (n) => `m v=1 ${n * WEEK_S}\n`),
  'many shards of many series': (sizeBytes) =>
    numbered(sizeBytes / 2_000, (n) => `m,t=${n} v=1 ${n * WEEK_S}\nm,t=x${n} v=1 ${(n % 20) * WEEK_S}\n`),
  'many measurements': (sizeBytes) => numbered(sizeBytes / 150, (n) => `m${n} v=1 1\n`),
  'many series': (sizeBytes) => numbered(sizeBytes / 60, (n) => `m,t=${n} v=1 1\n`),
  'many types in conflict': (sizeBytes) => numbered(sizeBytes / 150, (n) => `m f${n}=1 1\nm f${n}=t,g${n}=1 2\n`),
  'tags in two orders': (sizeBytes) => numbered(sizeBytes / 50, (n) => `m,a=${n},b=1 v=1 1\nm,b=1,a=${n} v=1 1\n`),
};

function numbered(count: number, part: (n: number) => string): string {
  return Array.from({ length: Math.ceil(count) }, (_, n) => part(n)).join('');
}

describe('The time to compile a backup that someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(many))('grows with its size and no faster: %s', async (name, textOf) => {
    const prepare = (sizeBytes: number) => {
      const lines = textOf(sizeBytes);
      return () => compiled([{ database: 'db', openedMs: startMs, lines }]);
    };
    expect(await superlinear([{ name, prepare }])).toEqual([]);
  });
});
