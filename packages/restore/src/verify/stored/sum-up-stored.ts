import { shown } from '@ceres/influx-http/internal';
import type { Pace } from '@ceres/internal';
import type { StoredShard } from '@ceres/tsm';
import type { ResolvedSelection } from '../../options/selection';
import { groupsOf } from '../../server/snapshot/one-server';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { type Columns, measurementKey } from '../digest/columns';
import type { Grid } from '../digest/grid';
import type { NotCompared } from '../verdict';
import type { StoredDatabases } from './open-stored';
import { overlappingOf, readOverlapping } from './overlapping';
import { StoredSide } from './stored-side';

export interface StoredSumSettings {
  readonly selection: ResolvedSelection;
  readonly scratchDir: string;
  readonly pace: Pace;
  /** Called for the points as they are read, for many at a time. */
  readonly onPoints: (points: number) => void;
  readonly columns: Columns;
  readonly grid: Grid;
}

/** What reading the stored side has shown, apart from the sums. */
export interface StoredSummary {
  readonly notCompared: readonly NotCompared[];
  /** The columns of the measurements that are not compared. */
  readonly left: ReadonlySet<number>;
  readonly seen: ReadonlySet<string>;
}

/**
 * Adds the values of all compared policies to the sums, shard by shard. Every name and every type compares exactly.
 *
 * @throws RestoreError `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
 */
export async function sumUpStored(
  stored: StoredDatabases,
  policies: ComparedPolicies,
  { selection, scratchDir, pace, onPoints, columns, grid }: StoredSumSettings,
): Promise<StoredSummary> {
  const { instance, measurements, until, signal } = selection;
  const side = new StoredSide({ columns, grid, measurements, until, signal, pace, onPoints });
  const spans = new Map(groupsOf(stored.meta).map(({ id, group }) => [id, group]));
  const notCompared: NotCompared[] = [];
  const left = new Set<number>();
  for (const policy of policies.all()) {
    const shards = shardsOf(policy, stored, spans, until);
    const overlapping = overlappingOf(shards, (id) => spans.get(id));
    for (const shard of shards) if (!overlapping.has(shard)) await side.read(policy, shard);
    if (overlapping.size === 0) continue;
    const conflicts = await readOverlapping(policy, [...overlapping], { side, columns, grid, scratchDir });
    for (const name of conflicts) {
      const { database, name: retentionPolicy } = policy;
      const reason = 'two shards whose times overlap hold the same point with two values, and none of them counts more';
      notCompared.push({ instance, database, retentionPolicy, measurement: shown(name), side: 'database', reason });
      for (const column of columns.of(measurementKey(database, retentionPolicy, name)).values()) left.add(column);
    }
  }
  return { notCompared, left, seen: side.seen };
}

/** Returns the shards of a policy that may hold a compared point. */
function shardsOf(
  { database, name, from }: ComparedPolicy,
  { shards }: StoredDatabases,
  spans: ReadonlyMap<number, { readonly startNs: bigint; readonly endNs: bigint }>,
  until: bigint | undefined,
): readonly StoredShard[] {
  return shards.filter((shard) => {
    if (shard.database !== database || shard.retentionPolicy !== name) return false;
    const span = spans.get(shard.id);
    if (span === undefined) return true;
    return (from === undefined || span.endNs > from) && (until === undefined || span.startNs < until);
  });
}
