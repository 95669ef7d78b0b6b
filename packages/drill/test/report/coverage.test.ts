import type { InstanceStatus } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import { coverageOf, type DayState, dayStates } from '../../src/report/coverage';
import { dayMs, lostFiles, nowMs, partitionOf, sinkOf, statusOf } from './instance-status';

const today = Math.floor(nowMs / dayMs);
const dayText = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '');
const stored = (day: number, unvouchedFiles = 0) => ({ day: dayText(day), files: 3, unvouchedFiles });
const withDays = (...days: readonly ReturnType<typeof stored>[]) =>
  partitionOf({ activity: { days, hours: [] }, firstDay: dayText(today), lastDay: dayText(today) });
const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const silentSince = (storedUpToMs: number): InstanceStatus['findings'][number] => ({
  kind: 'silent',
  name: 'silent',
  instance: 'influxdb-0',
  sink,
  dueMs: storedUpToMs,
  storedUpToMs,
});
const lateSince = (sinceMs: number): InstanceStatus['findings'][number] => ({
  kind: 'late',
  name: 'late',
  instance: 'influxdb-0',
  sink,
  files: 1,
  parked: 0,
  sinceMs,
});
const ledgerGap = (afterMs: number | undefined, beforeMs: number): InstanceStatus['findings'][number] => ({
  kind: 'ledger-gap',
  name: 'gap',
  instance: 'influxdb-0',
  sink,
  afterMs,
  beforeMs,
});

/** Returns the state of each day of a database, by how many days ago it was. */
function daysOf(status: InstanceStatus, database = 'db'): Readonly<Record<number, DayState>> {
  const found = coverageOf(status, nowMs).find((one) => one.database === database);
  const days = found?.states.map((state, i) => [today - found.firstDay - i, state] as const) ?? [];
  return Object.fromEntries(days.filter(([, state]) => state !== 'none'));
}

describe('the coverage of a database', () => {
  it('has each day that files were stored, and today as its last', () => {
    const status = statusOf({ partitions: [withDays(stored(today - 3), stored(today - 1), stored(today))] });
    expect(coverageOf(status, nowMs)).toEqual([
      { database: 'db', firstDay: today - 3, states: ['stored', 'none', 'stored', 'stored'] },
    ]);
  });

  it('ends today also if the last file is older', () => {
    const [found] = coverageOf(statusOf({ partitions: [withDays(stored(today - 2))] }), nowMs);
    expect(found?.states).toEqual(['stored', 'none', 'none']);
    const lastSecond = coverageOf(statusOf({ partitions: [withDays(stored(today - 2))] }), (today + 1) * dayMs - 1);
    expect(lastSecond[0]?.states).toEqual(['stored', 'none', 'none']);
  });

  it('marks a day of which one file is not vouched for', () => {
    const status = statusOf({ partitions: [withDays(stored(today - 1, 1), stored(today))] });
    expect(daysOf(status)).toEqual({ 1: 'unvouched', 0: 'stored' });
  });

  it('is quiet from the first heartbeat until the last, and not after it', () => {
    const sinks = [sinkOf({ firstMs: nowMs - 5 * dayMs, lastMs: nowMs - 2 * dayMs })];
    const status = statusOf({ sinks, partitions: [withDays(stored(today - 6), stored(today - 4))] });
    expect(daysOf(status)).toEqual({ 6: 'stored', 5: 'quiet', 4: 'stored', 3: 'quiet', 2: 'quiet' });
  });

  it('is late from when the line was acked, and silent from what is stored, until today', () => {
    const partitions = [withDays(stored(today - 4))];
    expect(daysOf(statusOf({ partitions, findings: [lateSince(nowMs - 2 * dayMs)] }))).toEqual({
      4: 'stored',
      2: 'late',
      1: 'late',
      0: 'late',
    });
    expect(daysOf(statusOf({ partitions, findings: [silentSince(nowMs - 2 * dayMs)] }))).toEqual({
      4: 'stored',
      2: 'silent',
      1: 'silent',
      0: 'silent',
    });
  });

  it('is not vouched for in a gap of the ledger, from its first day until its last', () => {
    const partitions = [withDays(stored(today - 6))];
    const gap = ledgerGap(nowMs - 5 * dayMs, nowMs - 3 * dayMs);
    expect(daysOf(statusOf({ partitions, findings: [gap] }))).toEqual({
      6: 'stored',
      5: 'unvouched',
      4: 'unvouched',
      3: 'unvouched',
    });
    const begin = ledgerGap(undefined, nowMs - 3 * dayMs);
    expect(daysOf(statusOf({ partitions, findings: [begin] }))).toEqual({ 6: 'stored', 3: 'unvouched' });
  });

  it('is lost or damaged on the days of the points, in that database alone, up to the last millisecond of a day', () => {
    const midnight = (today - 1) * dayMs;
    const findings = [
      lostFiles(midnight - 3 * dayMs, midnight - 2 * dayMs - 1, 'lost', 'a'),
      lostFiles(midnight - 2 * dayMs, midnight - dayMs, 'resized', 'b'),
    ];
    const partitions = ['a', 'b'].map((database) => ({ ...withDays(stored(today)), database }));
    const status = statusOf({ partitions, findings });
    expect(daysOf(status, 'a')).toEqual({ 4: 'lost', 0: 'stored' });
    expect(daysOf(status, 'b')).toEqual({ 3: 'damaged', 2: 'damaged', 0: 'stored' });
  });

  it('has the worst that is known of a day, in whatever order it is found', () => {
    expect(dayStates).toEqual(['none', 'quiet', 'stored', 'late', 'silent', 'unvouched', 'lost', 'damaged']);
    const known: Readonly<Record<string, Partial<InstanceStatus>>> = {
      quiet: { sinks: [sinkOf()] },
      stored: { partitions: [withDays(stored(today))] },
      late: { findings: [lateSince(nowMs)] },
      silent: { findings: [silentSince(nowMs)] },
      unvouched: { findings: [ledgerGap(nowMs, nowMs)] },
      lost: { findings: [lostFiles(nowMs)] },
      damaged: { findings: [lostFiles(nowMs, nowMs, 'resized')] },
    };
    const partitions = [withDays(stored(today - 1))];
    for (const [i, better] of Object.keys(known).entries()) {
      for (const worse of Object.keys(known).slice(i + 1)) {
        for (const order of [[better, worse] as const, [worse, better] as const]) {
          const both = order.map((state) => known[state] ?? {});
          const status = statusOf({
            partitions: [...partitions, ...both.flatMap((one) => one.partitions ?? [])],
            sinks: both.flatMap((one) => one.sinks ?? []),
            findings: both.flatMap((one) => one.findings ?? []),
          });
          expect([order, daysOf(status)[0]]).toEqual([order, worse]);
        }
      }
    }
  });

  it('is that of all policies together, and databases come in the order of their names', () => {
    const partitions = ['b', 'a', 'c', 'a'].map((database, n) => ({ ...withDays(stored(today - n)), database }));
    const found = coverageOf(statusOf({ partitions }), nowMs);
    expect(found.map(({ database }) => database)).toEqual(['a', 'b', 'c']);
    expect(daysOf(statusOf({ partitions }), 'a')).toEqual({ 3: 'stored', 1: 'stored' });
  });

  it('shows ten years, and no day that has not come, whatever timestamps say', () => {
    const findings = [lostFiles(Date.UTC(1700, 0, 1), nowMs - 3_000 * dayMs), lostFiles(nowMs + 400 * dayMs)];
    const days = withDays(stored(today), stored(today - 4_000), stored(today + 9));
    const [found] = coverageOf(statusOf({ partitions: [days], findings }), nowMs);
    expect(found?.firstDay).toBe(today - 3_660);
    expect(found?.states).toHaveLength(3_661);
    expect(found?.states.filter((state) => state === 'lost')).toHaveLength(661);
    expect(found?.states.at(-1)).toBe('stored');
  });

  it('has the first and last day of a database whose days no file tells', () => {
    const partition = partitionOf({ firstDay: dayText(today - 3), lastDay: dayText(today - 1) });
    expect(daysOf(statusOf({ partitions: [partition] }))).toEqual({ 3: 'stored', 1: 'stored' });
  });
});
