import type { WriteOutcome } from '@ceres/influx-http';
import { describe, expect, it } from 'vitest';
import { BodyRecords } from '../../src/replay/deliver/body-records';
import { Isolation } from '../../src/replay/deliver/isolation';
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
  return isolation.run(answer(bad.size)).then((isolated) => ({ ...isolated, stored, requests }));
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

  it('bounds its requests, and rejects the rest rather than lose a record', async () => {
    const every3rd = new Set(Array.from({ length: 1_000 }, (_, n) => n * 3));
    const { rejected, stored, requests } = await isolate(3_000, every3rd, limit);
    expect(requests).toBeLessThan(1_100);
    const settled = new Set([...rejected.keys(), ...stored]);
    expect(settled.size).toBe(3_000);
    for (const n of every3rd) expect(rejected.has(n)).toBe(true);
    expect([...rejected.values()]).toContain('NOT_ISOLATED');
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
});
