import { ColumnBuffer, type ColumnValue, type FieldType, type PointBatch } from '@ceres/tsm';

/** Returns a batch of one series whose points have one field each. */
export function batchOf(
  seriesKey: string,
  field: string,
  type: FieldType,
  points: readonly (readonly [timeNs: bigint, value: ColumnValue])[],
): PointBatch {
  const column = new ColumnBuffer(type, points.length);
  for (const [time, value] of points) column.push(time, value);
  const rows = Int32Array.from(points, (_, i) => i);
  return {
    seriesKey: Buffer.from(seriesKey),
    length: points.length,
    times: column.times,
    timeWords: column.timeWords,
    fields: [{ name: Buffer.from(field), type, column, rows }],
  };
}
