import type { WriteOutcome } from '@ceres/influx-http';
import { describe, expect, it } from 'vitest';
import { BodyRecords } from '../../src/replay/deliver/body-records';
import { Isolation } from '../../src/replay/deliver/isolate/isolation';
import type { Decision } from '../../src/replay/deliver/poster';

const to = { database: 'db', retentionPolicy: 'rp', precision: 's', shardDurationMs: Infinity } as const;

/** Isolates the bad records on a server that refuses records by number, and counts its requests. */
function isolate(count: number, bad: ReadonlySet<number>, answer: (bad: number) => Decision) {
  const lines = Array.from({ length: count }, (_, n) => `m,t=${n} v=${n} ${n}\n`).join('');
  const records = new BodyRecords({ to, bytes: Buffer.from(lines), records: count, parts: [] });
  const stored: number[] = [];
  let requests = 0;
  const post = async (numbers: readonly number[]): Promise<Decision> => {
    requests += 1;
    const refused = numbers.filter((n) => bad.has(n)).length;
    if (refused > 0) return answer(refused);
    stored.push(...numbers);
    return { kind: 'stored' };
  };
  const isolation = new Isolation({ records, to, post });
  return isolation.run(answer(bad.size)).then(({ rejected, expired }) => ({ rejected, expired, stored, requests }));
}

const limit = (dropped: number): WriteOutcome & { kind: 'partly' } => ({
  kind: 'partly',
  code: 'LIMIT',
  dropped,
  message: 'max-series-per-database limit exceeded',
});

describe('Isolation', () => {
  it('finds one bad record among 5,000 in 30 requests', async () => {
    const { rejected, stored, requests } = await isolate(5_000, new Set([4_321]), limit);
    expect([...rejected]).toEqual([[4_321, 'LIMIT']]);
    expect(new Set(stored).size).toBe(4_999);
    expect(requests).toBeLessThanOrEqual(30);
  });

  it('rejects all records at once if all are bad', async () => {
    const all = new Set(Array.from({ length: 100 }, (_, n) => n));
    const conflict = (dropped: number): Decision => ({ kind: 'partly', code: 'TYPE_CONFLICT', dropped, message: '' });
    const { rejected, requests } = await isolate(100, all, conflict);
    expect([rejected.size, requests]).toEqual([100, 0]);
  });

  it('tries single new series before it treats the database as full', async () => {
    const all = new Set(Array.from({ length: 1_024 }, (_, n) => n));
    const { rejected, requests } = await isolate(1_024, all, limit);
    expect([rejected.size, requests]).toEqual([1_024, 20]);
  });

  it.each([
    ['every third of 900', 900, 3],
    ['every tenth of 2,000', 2_000, 10],
    ['every second of 200', 200, 2],
  ])('rejects no good record, however many are bad: %s', async (_, count, step) => {
    const bad = new Set(Array.from({ length: count / step }, (_, n) => n * step));
    const { rejected, stored, requests } = await isolate(count, bad, limit);
    expect(new Set(rejected.keys())).toEqual(bad);
    expect(new Set(rejected.values())).toEqual(new Set(['LIMIT']));
    expect(new Set(stored).size).toBe(count - bad.size);
    expect(requests).toBeLessThanOrEqual(2 * bad.size * Math.ceil(1 + Math.log2(step)));
  });

  it('sends each record alone where the answers to several do not help', async () => {
    const stored: number[] = [];
    const post = async (numbers: readonly number[]): Promise<Decision> => {
      if (numbers.length > 1) return { kind: 'partly', code: 'EXPIRED', dropped: 0, message: '' };
      if (numbers[0] === 3) return limit(1);
      stored.push(...numbers);
      return { kind: 'stored' };
    };
    const records = recordsOf(['m v=1 1', 'm v=2 2', 'm v=3 3', 'm v=4 4', 'm v=5 5']);
    const first: Decision = { kind: 'partly', code: 'EXPIRED', dropped: 0, message: '' };
    const { rejected } = await new Isolation({ records, to, post }).run(first);
    expect([...rejected]).toEqual([[3, 'LIMIT']]);
    expect(stored).toEqual([0, 1, 2, 4]);
  });

  it('sends a record with the blanks before it, without which it would end elsewhere', () => {
    const records = recordsOf(['m v=1 1', ' ="a 1', 'm v=2 2', '" 3', ' m v=3 3']);
    expect(records.length).toBe(3);
    expect(records.join([1, 2]).toString()).toBe(' ="a 1\nm v=2 2\n" 3\n m v=3 3\n');
  });

  it('sends the remaining records last and in order, so that the last write of a point stays the last', async () => {
    const { stored } = await isolate(8, new Set([2]), limit);
    expect(stored.slice(-7)).toEqual([0, 1, 3, 4, 5, 6, 7]);
  });

  it('counts the oldest records as expired if the server does, and continues until the rest is known to be stored', async () => {
    const expired = (dropped: number): Decision => ({ kind: 'partly', code: 'EXPIRED', dropped, message: '' });
    const { expired: found, stored } = await isolate(10, new Set([0, 1, 2]), expired);
    expect([...found].sort()).toEqual([0, 1, 2]);
    expect(stored).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('finds a record that does not parse behind an answer about a field `time`, and takes the other records as stored', async () => {
    const lines = ['m time=1,v=1 1', 'm v=2 2', 'hidden v=3 3', 'm v=4,time=4 4'];
    const records = recordsOf(lines);
    const stripped: Decision = { kind: 'partly', code: 'TIME_STRIPPED', dropped: 0, message: '' };
    const unparseable: Decision = { kind: 'partly', code: 'UNPARSEABLE', dropped: 0, message: '' };
    const stored = new Set<number>();
    const post = async (numbers: readonly number[]): Promise<Decision> => {
      for (const n of numbers) if (n !== 2) stored.add(n);
      if (numbers.some((n) => lines[n]?.includes('time='))) return stripped;
      return numbers.includes(2) ? unparseable : { kind: 'stored' };
    };
    const { rejected } = await new Isolation({ records, to, post }).run(stripped);
    expect([...rejected]).toEqual([[2, 'UNPARSEABLE']]);
    expect([...stored].sort()).toEqual([0, 1, 3]);
  });

  it('rejects the records outside a write window, whichever end they are at', async () => {
    const outside = (dropped: number): Decision => ({ kind: 'partly', code: 'WRITE_WINDOW', dropped, message: '' });
    const { rejected, stored } = await isolate(10, new Set([0, 9]), outside);
    expect([...rejected]).toEqual([
      [0, 'WRITE_WINDOW'],
      [9, 'WRITE_WINDOW'],
    ]);
    expect(new Set(stored).size).toBe(8);
  });
});

function recordsOf(lines: readonly string[]): BodyRecords {
  const text = lines.map((line) => `${line}\n`).join('');
  return new BodyRecords({ to, bytes: Buffer.from(text), records: lines.length, parts: [] });
}
