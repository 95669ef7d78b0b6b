import { fullSpeed } from '@ceres/internal';
import type { PointBatch, Shard } from '@ceres/tsm';
import { expect, it } from 'vitest';
import { Columns } from '../../src/verify/digest/columns';
import { Grid } from '../../src/verify/digest/grid';
import { StoredSide, type StoredSideSettings } from '../../src/verify/stored/stored-side';

const batch = { seriesKey: Buffer.from('m,t=a'), length: 1, timeWords: new Uint32Array(2), times: [0n], fields: [] };

let turns = 0;

/** A shard in memory, whose points come without waiting for anything, until others had some turns. */
const shard: Pick<Shard, 'points' | 'close'> = {
  async *points() {
    for (let i = 0; i < 1_000_000 && turns < 3; i += 1) yield batch as unknown as PointBatch;
  },
  close: async () => undefined,
};

const policy = { database: 'db', name: 'rp', exists: true, durationMs: 0, shardDurationMs: 0, from: undefined };

/** Reads `shard`. */
function read(pace: StoredSideSettings['pace']): Promise<void> {
  const stored = { database: 'db', retentionPolicy: 'rp', id: 1, sizeBytes: 1, open: async () => shard as Shard };
  const nothing = { measurements: undefined, until: undefined, signal: undefined };
  const settings = { ...nothing, pace, onPoints: () => undefined };
  return new StoredSide({ ...settings, columns: new Columns(), grid: new Grid() }).read(policy, stored);
}

it('reading a shard lets other work of the thread take its turn', async () => {
  const takeTurns = () => {
    turns += 1;
    if (turns < 3) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  await read(fullSpeed);
  expect(turns).toBe(3);
});

it('reading a shard goes on after each pause', async () => {
  turns = 0;
  const pause = async () => {
    turns += 1;
  };
  await read({ pause });
  expect(turns).toBe(3);
});
