import { randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { BodyBuffers } from '../../src/replay/route/body';
import { Buckets } from '../../src/replay/route/buckets';
import type { RecordFilter } from '../../src/replay/route/record-filter';
import { SeriesBuckets } from '../../src/replay/route/series-buckets';

const to = { database: 'db', retentionPolicy: 'rp', precision: 's', shardDurationMs: Infinity } as const;
const file = { routed: () => undefined } as unknown as FileInFlight;
const filter = { admits: () => true } as unknown as RecordFilter;

/** Makes lines with rising values: of a few series, then of many, then of a few again, with tags in both orders. */
function lines(count: number): string[] {
  const random = randomFrom(1);
  return Array.from({ length: count }, (_, n) => {
    const series = n > 0.2 * count && n < 0.8 * count ? 50_000 : 100;
    const host = `host=h${Math.floor(random() * series)}`;
    return `m,${random() < 0.5 ? `a=1,${host}` : `${host},a=1`} v=${n} ${n}\n`;
  });
}

describe('Buckets', () => {
  it.each([1, 3])(
    'keep the records of a series in one of %i lanes and in order, whatever shape bodies have',
    (lanes) => {
      const buckets = new Buckets(lanes, to, new SeriesBuckets(2 * lanes), new BodyBuffers());
      const laneOf = new Map<string, number>();
      const lastOf = new Map<string, number>();
      const sizes = new Set<number>();
      let records = 0;
      const misplaced: string[] = []; // An `expect` for each of the many lines takes longer than the work.
      const inspectReady = () => {
        for (const { lane, body } of buckets.takeReady()) {
          sizes.add(body.records);
          for (const line of Buffer.from(body.bytes).toString().trimEnd().split('\n')) {
            const host = /host=(h\d+)/.exec(line)?.[1] ?? '';
            const value = Number(/v=(\d+)/.exec(line)?.[1]);
            if ((laneOf.get(host) ?? lane) !== lane) misplaced.push(`${line} is in lane ${lane}`);
            if (!((lastOf.get(host) ?? -1) < value)) misplaced.push(`${line} comes after ${lastOf.get(host)}`);
            laneOf.set(host, lane);
            lastOf.set(host, value);
            records += 1;
          }
        }
      };
      const all = lines(45_000 * lanes);
      for (let i = 0; i < all.length; i += 1_000) {
        buckets.add(file, Buffer.from(all.slice(i, i + 1_000).join('')), filter);
        inspectReady();
      }
      buckets.flush();
      inspectReady();
      expect(misplaced).toEqual([]);
      expect(records).toBe(all.length);
      expect(buckets.waitingBytes).toBe(0);
      expect(new Set(laneOf.values()).size).toBe(lanes);
      // Bodies had both shapes.
      expect(Math.max(...sizes)).toBeGreaterThan(5_256);
      expect(Math.max(...sizes)).toBeLessThan(10_256);
    },
  );
});
