import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/certificate/certificate';
import { certify } from '../../src/certificate/signature';
import { chooseSample, type Sample } from '../../src/sample/choose-sample';
import type { Partition } from '../../src/sample/frozen-backup';
import { drillOf } from '../support/certificate';

const partition = (database: string, retentionPolicy: string, days: Readonly<Record<string, number>>): Partition => ({
  database,
  retentionPolicy,
  files: Object.keys(days).length,
  bytes: Object.values(days).reduce((sum, bytes) => sum + bytes, 0),
  days: new Map(Object.entries(days)),
});

const isIn = ({ databases, firstDay = '', lastDay = '9' }: Sample, { database }: Partition, day: string) =>
  databases.includes(database) && day >= firstDay && day <= lastDay;

/** Drills as often as is said, each time with the certificates of the times before. */
function rotate(partitions: readonly Partition[], percent: number, times: number): Sample[] {
  const drills: Certificate[] = [];
  return Array.from({ length: times }, (_, n) => {
    const sample = chooseSample(partitions, percent, drills);
    const restored = partitions.filter((one) => [...one.days.keys()].some((day) => isIn(sample, one, day)));
    const { firstDay = null, lastDay = null, databases } = sample;
    const drill = drillOf();
    const began = new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString();
    const of = { ...drill.restored, partitions: restored, sample: { percent, databases, firstDay, lastDay } };
    drills.push(certify({ ...drill, began, restored: of }, undefined));
    return sample;
  });
}

const shareOf = (sample: Sample, partitions: readonly Partition[]) => {
  let [taken, total] = [0, 0];
  for (const one of partitions) {
    for (const [day, bytes] of one.days) {
      total += bytes;
      if (isIn(sample, one, day)) taken += bytes;
    }
  }
  return taken / total;
};

const month = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [String(20261101 + n), 10]));
const equal = Array.from({ length: 10 }, (_, n) => partition(`db_${n}`, 'rp', month));

describe('a sample', () => {
  it.each([5, 10, 20, 50])('of %i percent is about that much', (percent) => {
    for (const sample of rotate(equal, percent, 20)) {
      expect(shareOf(sample, equal)).toBeGreaterThan(0.008 * percent);
      expect(shareOf(sample, equal)).toBeLessThan(0.012 * percent);
    }
  });

  it.each([1, 5, 20])('of %i percent touches every database and policy in successive drills', (percent) => {
    const partitions = [
      ...equal,
      partition('db_0', 'sparse', { 20261115: 1 }),
      partition('large', 'rp', Object.fromEntries(Object.keys(month).map((day) => [day, 500]))),
      partition('large', '', { 20261102: 1, 20261129: 1 }),
      partition('tiny', 'rp', { 20000101: 1 }),
    ];
    const samples = rotate(partitions, percent, partitions.length);
    for (const one of partitions) {
      expect(samples.some((sample) => [...one.days.keys()].some((day) => isIn(sample, one, day)))).toBe(true);
    }
  });

  it('reaches every day of one large database in successive drills', () => {
    const [only] = equal;
    const partitions = only === undefined ? [] : [only];
    const samples = rotate(partitions, 10, 12);
    for (const day of Object.keys(month))
      expect(samples.some((sample) => isIn(sample, partitions[0] as Partition, day))).toBe(true);
    expect(samples[0]?.lastDay).toBe('20261130'); // the newest days first
  });

  it('is a whole day where a day is more than was asked for', () => {
    const partitions = [partition('db_0', 'rp', { 20261101: 100, 20261102: 100 })];
    expect(chooseSample(partitions, 1, [])).toEqual({ databases: ['db_0'], firstDay: '20261102', lastDay: '20261102' });
  });

  it('of nothing is nothing', () => {
    expect(chooseSample([], 5, [])).toEqual({ databases: [] });
  });
});
