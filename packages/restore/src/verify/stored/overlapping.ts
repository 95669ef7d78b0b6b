import { type BatchField, HIGH, LOW, type StoredShard } from '@ceres/tsm';
import type { ComparedPolicy } from '../compared-policies';
import type { Columns } from '../digest/columns';
import type { Grid } from '../digest/grid';
import { addLastWrites } from '../scan/last-writes';
import { RecordParts } from '../scan/record-parts';
import type { RecordShape } from '../scan/record-shape';
import { type HashedPoints, hashValueAt, type StoredSide } from './stored-side';

export interface OverlapSettings {
  readonly side: StoredSide;
  readonly columns: Columns;
  readonly grid: Grid;
  readonly scratchDir: string;
}

/**
 * Adds the values of shards whose times overlap, since the shard duration of their policy was changed: a point that several of them hold counts
 * once.
 *
 * @returns the names of the measurements of which two shards hold a point with two values, and none of them counts more
 */
export async function readOverlapping(
  policy: ComparedPolicy,
  shards: readonly StoredShard[],
  { side, columns, grid, scratchDir }: OverlapSettings,
): Promise<ReadonlySet<string>> {
  const parts = new RecordParts(scratchDir);
  const shapes = new SingleFields();
  const conflicts = new Set<string>();
  const value = { hi: 0, lo: 0 };
  const halves = new Int32Array(2);
  const addField = (
    { batch, hashes: { highs, lows, minutes }, measurement }: HashedPoints,
    column: number,
    field: BatchField,
  ) => {
    const { number } = shapes.of(column, measurement.pointColumn);
    for (let i = 0; i < batch.length; i += 1) {
      const row = field.rows[i] as number;
      if (row < 0) continue;
      hashValueAt(field, row, value);
      halves[HIGH] = value.hi;
      halves[LOW] = value.lo;
      parts.add(highs[i] as number, lows[i] as number, number, minutes[i] as number, 1, halves);
    }
  };
  try {
    for (const shard of shards) {
      await side.visit(policy, shard, async (points) => {
        const { fields } = points.batch;
        const numbers = points.measurement.columnsOf(fields);
        for (const [i, field] of fields.entries()) addField(points, numbers[i] as number, field);
        await parts.spill();
      });
    }
    await parts.visit((words) => {
      const onConflict = (column: number) => void conflicts.add(columns.get(column).measurement);
      addLastWrites(words, shapes.all, grid, { side: 'database', onConflict });
    });
    return conflicts;
  } finally {
    await parts.remove();
  }
}

/** Returns the shards whose times overlap with those of another one, by the groups that the metadata tells. */
export function overlappingOf(
  shards: readonly StoredShard[],
  spanOf: (id: number) => { readonly startNs: bigint; readonly endNs: bigint } | undefined,
): ReadonlySet<StoredShard> {
  const placed = shards.flatMap((shard) => {
    const span = spanOf(shard.id);
    return span === undefined ? [] : [{ shard, ...span }];
  });
  placed.sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
  const found = new Set<StoredShard>();
  let longest = placed[0];
  for (const one of placed.slice(1)) {
    if (longest !== undefined && one.startNs < longest.endNs) {
      found.add(longest.shard);
      found.add(one.shard);
    }
    if (longest === undefined || one.endNs > longest.endNs) longest = one;
  }
  return found;
}

/** The shapes of records of one field each. */
class SingleFields {
  readonly all: RecordShape[] = [];
  readonly #known = new Map<number, RecordShape>();

  of(column: number, pointColumn: number): RecordShape {
    const known = this.#known.get(column);
    if (known !== undefined) return known;
    const shape = { number: this.all.length, pointColumn, columns: Int32Array.of(column) };
    this.all.push(shape);
    this.#known.set(column, shape);
    return shape;
  }
}
