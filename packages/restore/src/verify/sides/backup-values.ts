import type { RawValue } from '@ceres/influx-http/internal';
import { type FileHeader, nanosecondsPer, type Precision, scanLines } from '@ceres/lineproto';
import { parseRecordBytes } from '@ceres/lineproto/internal';
import type { ResolvedComparison } from '../../options/verify';
import { isOutside } from '../../plan/headers';
import { inReplayOrder, type PlanSource } from '../../plan/plan';
import type { FileReader } from '../../read/read-file';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { presentTags, type Tag } from '../digest/point-hash';
import { shown } from '../digest/raw-text';

export interface BackupValuesSettings {
  readonly source: PlanSource;
  readonly options: Pick<ResolvedComparison, 'map' | 'precision'>;
  readonly policies: ComparedPolicies;
  readonly reader: FileReader;
}

/** The points of one measurement in [from, until), ns since the epoch. */
export interface PointRange {
  readonly policy: ComparedPolicy;
  /** Its raw name. */
  readonly measurement: string;
  readonly from: bigint;
  readonly until: bigint;
}

/** A value of the backup, with raw names. */
export interface BackupValue {
  readonly tags: readonly Tag[];
  readonly time: bigint;
  readonly field: string;
  readonly value: RawValue;
}

/** The values that memory holds at a time. */
const valuesHeldMax = 500_000;

/**
 * Reads the last write of each value in a stretch of time from the backup. If there are too many values for memory, it
 * shortens the stretch from its end, to no less than a minute, and reads again.
 *
 * @returns the values by `valueKey`, and the end of the stretch that they cover
 */
export async function readBackupValues(
  { policy, measurement, from, until }: PointRange,
  { source, options, policies, reader }: BackupValuesSettings,
): Promise<{ values: Map<string, BackupValue>; until: bigint }> {
  for (let end = until; ; end = from + ((end - from) / 2n / nanosecondsPer.m) * nanosecondsPer.m) {
    const narrowed = { ...source.selection, from, until: end, measurements: new Set([shown(measurement)]) };
    const values = new Map<string, BackupValue>();
    const isTooMany = () => values.size > valuesHeldMax && end - from > nanosecondsPer.m;
    const isOfPolicy = (header: FileHeader) => policies.of(header.database, header.retentionPolicy) === policy;
    const visitor = {
      header: (header: FileHeader) => {
        return (header.mixed !== undefined || isOfPolicy(header)) && !isOutside(header, narrowed) && !isTooMany();
      },
      batch: ({ bytes }: { readonly bytes: Uint8Array }, header: FileHeader) => {
        if (header.mixed !== undefined && !isOfPolicy(header)) return;
        const { precision = options.precision } = header;
        for (const { tags, fields, time } of pointsIn(bytes, precision, measurement)) {
          if (time < from || time >= end) continue;
          for (const [field, value] of Object.entries(fields)) {
            values.set(valueKey({ tags, time, field }), { tags, time, field, value });
          }
        }
      },
    };
    for await (const file of inReplayOrder(source, (database) => options.map.database(database))) {
      await reader.read(file, visitor);
      if (isTooMany()) break;
    }
    if (!isTooMany()) return { values, until: end };
  }
}

/** Returns a string that is unique to a series, time and field of a measurement. */
export function valueKey({ tags, time, field }: Omit<BackupValue, 'value'>): string {
  return JSON.stringify([presentTags(tags), String(time), field]);
}

function* pointsIn(bytes: Uint8Array, precision: Precision, measurement: string) {
  for (const record of scanLines(bytes)) {
    const { timestamp } = record;
    const point =
      timestamp === undefined ? undefined : parseRecordBytes(bytes.subarray(record.start, record.end), precision);
    if (point?.measurement !== measurement || timestamp === undefined) continue;
    yield { tags: Object.entries(point.tags), fields: point.fields, time: timestamp * nanosecondsPer[precision] };
  }
}
