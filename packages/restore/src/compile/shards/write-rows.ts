import { type Column, KeyJoiner, type ShardWriter } from '@ceres/tsm';
import { type ShardRows, typeAt } from '../rows/shard-rows';
import type { UnitRows } from '../rows/unit-rows';
import type { FieldTally } from './field-tally';
import { RowColumns, type RowValue } from './row-columns';
import { compareRows, type GroupedRows, haveOneTime, inTimeOrder, type RowGrouping } from './series-rows';

/** What writes the rows of shards: made once for all shards of a unit. */
export interface RowWriting {
  readonly unit: UnitRows;
  /** The place of each series in the order of keys. */
  readonly ranks: Uint32Array;
  readonly grouping: RowGrouping;
  readonly signal: AbortSignal;
  /** Lets other work have its turn. */
  readonly giveWay: () => Promise<unknown>;
}

/** The shard that takes the values of rows. */
export interface RowTarget {
  readonly writer: ShardWriter;
  readonly tally: FieldTally;
}

/** What takes the columns of one series after another. */
interface SeriesTarget extends RowTarget {
  readonly keys: KeyJoiner;
}

/** The rows that one series has in one shape. */
interface SeriesRows {
  readonly grouped: GroupedRows;
  readonly order: Uint32Array;
}

/** Other work gets its turn after this number of columns. */
const COLUMNS_A_TURN = 4_096;

/** Writes the rows of a shard, series by series in the order of keys, field by field, each value once. */
export async function writeRows(
  shard: ShardRows,
  { unit, ranks, grouping, signal, giveWay }: RowWriting,
  target: RowTarget,
): Promise<void> {
  const groups = shard.rows.map((rows) => grouping.group(rows));
  const columns = new RowColumns(unit.text);
  const into = { ...target, keys: new KeyJoiner() };
  let written = 0;
  for (const [series, parts] of inKeyOrder(groups, ranks)) {
    const key = unit.series.keyOf(series);
    into.keys.begin(key);
    const [first] = parts as [SeriesRows];
    written +=
      parts.length === 1
        ? await writeOfOneShape(key, first, columns, into)
        : await writeOfSeveral(key, parts, columns, into);
    if (written < COLUMNS_A_TURN) continue;
    written = 0;
    signal.throwIfAborted();
    await giveWay();
  }
}

/** Yields series by series in the order of keys, with the rows of each by shape. */
function* inKeyOrder(
  groups: readonly GroupedRows[],
  ranks: Uint32Array,
): Generator<readonly [series: number, parts: SeriesRows[]]> {
  // One number for the rank, the group and the place in it sorts faster than objects.
  const total = groups.reduce((sum, { series }) => sum + series.length, 0);
  const entries = new Float64Array(total);
  let at = 0;
  for (const [number, { series }] of groups.entries()) {
    for (let i = 0; i < series.length; i += 1, at += 1)
      entries[at] = (ranks[series[i] as number] as number) * groups.length + number;
  }
  const places = groups.map(({ series }) => placesByRank(series, ranks));
  entries.sort();
  const next = groups.map(() => 0);
  for (let i = 0; i < total; ) {
    const rank = Math.floor((entries[i] as number) / groups.length);
    const parts: SeriesRows[] = [];
    let series = 0;
    for (; i < total && Math.floor((entries[i] as number) / groups.length) === rank; i += 1) {
      const number = (entries[i] as number) % groups.length;
      const grouped = groups[number] as GroupedRows;
      const place = (places[number] as Uint32Array)[next[number] as number] as number;
      next[number] = (next[number] as number) + 1;
      series = grouped.series[place] as number;
      parts.push({ grouped, order: grouped.order.subarray(grouped.starts[place], grouped.starts[place + 1]) });
    }
    yield [series, parts];
  }
}

/** Returns the places of series in a list in the order of their ranks. */
function placesByRank(series: Uint32Array, ranks: Uint32Array): Uint32Array {
  const rank = (place: number) => ranks[series[place] as number] as number;
  return Uint32Array.from(series.keys()).sort((a, b) => rank(a) - rank(b));
}

async function writeOfOneShape(
  key: Uint8Array,
  { grouped: { rows }, order }: SeriesRows,
  columns: RowColumns,
  { writer, tally, keys }: SeriesTarget,
): Promise<number> {
  const filled = columns.fill(rows, inTimeOrder(rows, order));
  const { shape } = rows;
  const { escapedName } = shape.measurement;
  for (const field of shape.sorted) {
    const column = filled[field] as Column;
    tally.add(escapedName, shape.names[field] as string, key, column);
    const fieldKey = keys.join(shape.nameBytes[field] as Uint8Array);
    // Nearly always at once: a promise for each column costs as much as to write it.
    if (!writer.add(fieldKey, column)) await writer.write(fieldKey, column);
  }
  return filled.length;
}

/** Writes a series whose records have several shapes: the rows of each field are merged. */
async function writeOfSeveral(
  key: Uint8Array,
  parts: readonly SeriesRows[],
  columns: RowColumns,
  { writer, tally, keys }: SeriesTarget,
): Promise<number> {
  const { escapedName } = (parts[0] as SeriesRows).grouped.rows.shape.measurement;
  const places = fieldPlaces(parts);
  for (const name of [...places.keys()].sort()) {
    const values: RowValue[] = [];
    let type: Column['type'] = 'float';
    for (const { part, field } of places.get(name) ?? []) {
      const { rows } = part.grouped;
      type = typeAt(rows.shape, field);
      for (const row of part.order) values.push({ rows, row, field });
    }
    values.sort((a, b) => compareRows(a.rows, a.row, b.rows, b.row));
    const last = values.filter(({ rows, row }, i) => {
      const after = values[i + 1];
      return after === undefined || !haveOneTime(rows, row, after.rows, after.row);
    });
    const column = columns.fillOne(type, last);
    tally.add(escapedName, name, key, column);
    await writer.write(keys.join(Buffer.from(name, 'latin1')), column);
  }
  return places.size;
}

/** Returns where each field stands, by its name: looking for every name in every shape would take the product of both. */
function fieldPlaces(
  parts: readonly SeriesRows[],
): Map<string, { readonly part: SeriesRows; readonly field: number }[]> {
  const places = new Map<string, { readonly part: SeriesRows; readonly field: number }[]>();
  for (const part of parts) {
    for (const [field, name] of part.grouped.rows.shape.names.entries()) {
      const known = places.get(name);
      if (known === undefined) places.set(name, [{ part, field }]);
      else known.push({ part, field });
    }
  }
  return places;
}
