import { stretchesOf, unreadable } from '@ceres/influx-http/internal';
import { SeedIndex } from '@ceres/storage/internal';
import { type Growing, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { SequenceGaps } from '../../src/read/sequence-gaps';
import { Columns, measurementKey } from '../../src/verify/digest/columns';
import { joined, meetsAny } from '../../src/verify/time-spans';
import { type Mismatch, type NotCompared, outcomeOf } from '../../src/verify/verdict';

const times = (count: number) => Array.from({ length: Math.floor(count) }, (_, n) => n);
const dayMs = 86_400_000;
const nothing = { fields: [], inBackup: 1, inDatabase: 1, missing: 0, extra: 0, differentMax: 0 };

/** Work that a backup or a server makes as long as it likes, by the number of its measurements, shards, policies or files. */
const works: Readonly<Record<string, (sizeBytes: number) => () => unknown>> = {
  'measurements that differ only in bytes that are not UTF-8': (sizeBytes) => {
    const character = (n: number) => String.fromCharCode(0x80 + (n % 60));
    const names = new Set(
      times(sizeBytes / 20).map((n) => [n, n / 60, n / 3600].map((i) => character(Math.floor(i))).join('')),
    );
    return () => unreadable(names);
  },
  'measurements that differ, and others that are not compared': (sizeBytes) => {
    const place = (n: number) => ({ instance: 'i', database: 'db', retentionPolicy: 'rp', measurement: `m${n}` });
    const spent = { ...nothing, from: 0n, until: 1n, extra: 1 };
    const mismatches = times(sizeBytes / 50).map((n): Mismatch => ({ ...place(n), ...spent }));
    const gaps = times(sizeBytes / 50).map((n): NotCompared => ({ ...place(n), side: 'backup', reason: '' }));
    return () => expect(outcomeOf(mismatches, gaps.reverse())).toBe('INCOMPLETE');
  },
  'shards of one policy': (sizeBytes) => {
    const day = (n: number) => `${new Date(n * dayMs).toISOString().slice(0, -5)}Z`;
    const shards = times(sizeBytes / 100).map((n) => {
      return { id: n, database: 'db', retentionPolicy: 'rp', start: day(n), end: day(n + 1) };
    });
    return () => stretchesOf(shards as never, 0n, 2n ** 62n, dayMs);
  },
  'policies with a measurement each': (sizeBytes) => {
    const columns = new Columns();
    for (const n of times(sizeBytes / 50)) columns.numberOf(measurementKey('db', `rp${n}`, 'm'), 'v');
    return () => {
      for (const n of times(sizeBytes / 50)) expect(columns.measurements('db', `rp${n}`).size === 1 || n).toBe(true);
    };
  },
  'stretches of time that differ twice': (sizeBytes) => {
    const spans = times(sizeBytes / 20).map((n) => ({ from: BigInt(-3 * n), until: BigInt(-3 * n + 1) }));
    return () => {
      const before = joined(spans);
      for (const span of spans) if (!meetsAny(span, before)) throw new Error('it is there');
    };
  },
  'files whose numbers come from the last to the first, with gaps': (sizeBytes) => {
    const header = { database: 'db', retentionPolicy: '', writer: 'w' };
    return () => {
      const gaps = new SequenceGaps();
      for (const n of times(sizeBytes / 50)) gaps.add({ ...header, sequence: BigInt(sizeBytes - 2 * n) }, '');
      expect(gaps.gaps(new SeedIndex())).toHaveLength(Math.floor(sizeBytes / 50) - 1);
    };
  },
};

describe('The time for a comparison with much that differs', { timeout: 120_000 }, () => {
  it.each(Object.entries(works))('grows with its size and no faster: %s', async (name, prepare) => {
    const work: Growing = { name, prepare };
    expect(await superlinear([work])).toEqual([]);
  });
});

it('a span of time meets another only if they share a moment', () => {
  const spans = joined([
    { from: 5n, until: 7n },
    { from: 0n, until: 2n },
    { from: 1n, until: 3n },
    { from: 7n, until: 8n },
  ]);
  expect(spans).toEqual([
    { from: 0n, until: 3n },
    { from: 5n, until: 8n },
  ]);
  const meets = [-1n, 0n, 2n, 3n, 4n, 7n, 8n].map((from) => meetsAny({ from, until: from + 1n }, spans));
  expect(meets).toEqual([false, true, true, false, false, true, false]);
});

it('a difference counts unless something that covers it was not compared', () => {
  const mismatch = { instance: 'i', database: 'db', retentionPolicy: 'rp', measurement: 'm', from: 0n, until: 1n };
  const extra: Mismatch = { ...mismatch, ...nothing, extra: 1 };
  const missing: Mismatch = { ...mismatch, ...nothing, missing: 1 };
  const gap = (more: Partial<NotCompared>): NotCompared => {
    return { instance: 'i', database: 'db', side: 'backup', reason: '', ...more };
  };
  const outcomes = (one: NotCompared) => [outcomeOf([extra], [one]), outcomeOf([missing], [one])];
  for (const covers of [
    {},
    { retentionPolicy: 'rp' },
    { measurement: 'm' },
    { retentionPolicy: 'rp', measurement: 'm' },
  ]) {
    expect(outcomes(gap(covers))).toEqual(['INCOMPLETE', 'NOT EQUAL']);
    expect(outcomes(gap({ ...covers, side: 'database' }))).toEqual(['INCOMPLETE', 'INCOMPLETE']);
  }
  for (const other of [{ database: 'other' }, { retentionPolicy: 'other' }, { measurement: 'other' }])
    expect(outcomes(gap(other))).toEqual(['NOT EQUAL', 'NOT EQUAL']);
});
