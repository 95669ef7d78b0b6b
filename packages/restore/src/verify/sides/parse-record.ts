import { type LineRecord, type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';

/** Parses one record. Returns `undefined` if InfluxDB refuses it, since no database can then hold it. */
export function parseRecord(
  bytes: Buffer,
  { start, end }: Pick<LineRecord, 'start' | 'end'>,
  precision: Precision,
): ParsedPoint | undefined {
  try {
    return parseLine(bytes.toString('utf8', start, end), { precision });
  } catch {
    return undefined;
  }
}
