import { type DoubtfulPoints, PointLines } from '@ceres/tsm';

/** Yields what the points would be as lines, each alone and without its LF: a name or a string may hold one. */
export function* recordsOf({ seriesKey, field, column }: DoubtfulPoints): Generator<Uint8Array> {
  const lines = new PointLines();
  const name = Uint8Array.from(field);
  for (let i = 0; i < column.length; i += 1) {
    const bytes = lines.encode({
      seriesKey,
      length: 1,
      times: column.times.subarray(i, i + 1),
      timeWords: column.timeWords.subarray(2 * i, 2 * i + 2),
      fields: [{ name, type: column.type, column, rows: Int32Array.of(i) }],
    });
    yield bytes.subarray(0, -1);
  }
}
