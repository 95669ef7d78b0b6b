import { type FileHeader, nanosecondsPer, type Precision, scanLines } from '@ceres/lineproto';
import type { ResolvedComparison } from '../../options/verify';
import { isOutside } from '../../plan/headers';
import { inReplayOrder, type PlanSource } from '../../plan/plan';
import { readFile } from '../../read/read-file';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { presentTags } from '../digest/point-hash';
import type { StoredValue } from './database-side';
import { parseRecord } from './parse-record';

export interface BackupValuesSettings {
  readonly source: PlanSource;
  readonly options: Pick<ResolvedComparison, 'map' | 'precision'>;
  readonly policies: ComparedPolicies;
}

/** The points of one measurement in [from, until), ns since the epoch. */
export interface Stretch {
  readonly policy: ComparedPolicy;
  readonly measurement: string;
  readonly from: bigint;
  readonly until: bigint;
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
  { policy, measurement, from, until }: Stretch,
  { source, options, policies }: BackupValuesSettings,
): Promise<{ values: Map<string, StoredValue>; until: bigint }> {
  for (let end = until; ; end = from + ((end - from) / 2n / nanosecondsPer.m) * nanosecondsPer.m) {
    const narrowed = { ...source.selection, from, until: end, measurements: new Set([measurement]) };
    const values = new Map<string, StoredValue>();
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
    for await (const { key } of inReplayOrder(source, (database) => options.map.database(database))) {
      await readFile(key, narrowed, visitor);
      if (isTooMany()) break;
    }
    if (!isTooMany()) return { values, until: end };
  }
}

/** Returns a string that is unique to a series, time and field of a measurement. */
export function valueKey({ tags, time, field }: Omit<StoredValue, 'value'>): string {
  return JSON.stringify([presentTags(tags), String(time), field]);
}

function* pointsIn(bytes: Uint8Array, precision: Precision, measurement: string) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const record of scanLines(bytes)) {
    const { timestamp } = record;
    const point = timestamp === undefined ? undefined : parseRecord(buffer, record, precision);
    if (point?.measurement !== measurement || timestamp === undefined) continue;
    yield { tags: point.tags, fields: point.fields, time: timestamp * nanosecondsPer[precision] };
  }
}
