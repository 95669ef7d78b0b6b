import { type FileHeader, nanosecondsPer, type Precision, scanLines } from '@ceres/lineproto';
import type { ResolvedComparison } from '../options/verify';
import { isOutside } from '../plan/headers';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { readFile } from '../read/read-file';
import type { ComparedPolicies, ComparedPolicy } from './compared-policies';
import { measurementKey } from './digest/columns';
import type { Value } from './digest/value-hash';
import type { DatabaseSide } from './sides/database-side';
import { parseRecord } from './sides/parse-record';
import type { DifferingPoint, Mismatch } from './types';

export interface DifferingPointsSettings {
  readonly source: PlanSource;
  readonly options: Pick<ResolvedComparison, 'map' | 'precision' | 'differingPointsMax'>;
  readonly policies: ComparedPolicies;
  readonly database: DatabaseSide;
}

/** Of a stretch, values of the backup held at once: a longer one is looked at from its beginning. */
const valuesHeldMax = 500_000;
const nanosecondsPerMinute = 60_000_000_000n;

interface Held {
  readonly tags: Readonly<Record<string, string>>;
  readonly time: bigint;
  readonly field: string;
  readonly value: Value;
}

/**
 * The values that differ in the stretches that a comparison has found, up to a number. Both sides are read once more, but
 * only what lies in a stretch.
 */
export async function differingPoints(
  mismatches: readonly Mismatch[],
  settings: DifferingPointsSettings,
): Promise<DifferingPoint[]> {
  const found: DifferingPoint[] = [];
  for (const mismatch of mismatches) {
    const left = settings.options.differingPointsMax - found.length;
    if (left <= 0) break;
    const policy = policyOf(settings.policies, mismatch);
    if (policy !== undefined) found.push(...(await differingIn(mismatch, policy, settings)).slice(0, left));
  }
  return found;
}

function policyOf(policies: ComparedPolicies, mismatch: Mismatch): ComparedPolicy | undefined {
  const { database, retentionPolicy } = mismatch;
  return policies.all().find((policy) => policy.database === database && policy.name === retentionPolicy);
}

async function differingIn(
  mismatch: Mismatch,
  policy: ComparedPolicy,
  settings: DifferingPointsSettings,
): Promise<DifferingPoint[]> {
  const { instance, database, retentionPolicy = '', measurement } = mismatch;
  // A stretch is of whole slices; what was compared may begin and end inside one.
  const from = policy.from !== undefined && policy.from > mismatch.from ? policy.from : mismatch.from;
  const { to: until } = settings.source.selection;
  const end = until !== undefined && until < mismatch.to ? until : mismatch.to;
  const { held, to } = await valuesInBackup({ ...mismatch, from, to: end }, policy, settings);
  const found: DifferingPoint[] = [];
  const tell = (value: Omit<Held, 'value'>, inBackup: Value | undefined, inDatabase: Value | undefined) => {
    const { time, field } = value;
    const tags = Object.fromEntries(present(value.tags));
    found.push({ instance, database, retentionPolicy, measurement, tags, time, field, inBackup, inDatabase });
  };
  const key = measurementKey(policy.database, policy.name, measurement);
  for await (const { tags, time, field, value } of settings.database.values({ ...policy, from }, key, to)) {
    const name = nameOf(tags, time, field);
    const own = held.get(name);
    held.delete(name);
    if (own === undefined || !Object.is(own.value, value)) tell({ tags, time, field }, own?.value, value);
    if (found.length >= settings.options.differingPointsMax) return found;
  }
  for (const own of held.values()) tell(own, own.value, undefined);
  return found;
}

/** The last write of each value, from the beginning of a stretch to where there are too many. */
async function valuesInBackup(
  { measurement, from, to }: Mismatch,
  policy: ComparedPolicy,
  { source, options, policies }: DifferingPointsSettings,
): Promise<{ held: Map<string, Held>; to: bigint }> {
  for (let end = to; ; end = from + ((end - from) / 2n / nanosecondsPerMinute) * nanosecondsPerMinute) {
    const narrowed = { ...source.selection, from, to: end, measurements: new Set([measurement]) };
    const held = new Map<string, Held>();
    const isTooMany = () => held.size > valuesHeldMax && end - from > nanosecondsPerMinute;
    const visitor = {
      header: (header: FileHeader) => {
        const isOfPolicy = policies.of(header.database, header.retentionPolicy) === policy;
        return isOfPolicy && !isOutside(header, narrowed) && !isTooMany();
      },
      batch: ({ bytes }: { readonly bytes: Uint8Array }, { precision = options.precision }) => {
        for (const { tags, fields, time } of pointsOf(bytes, precision, measurement)) {
          if (time < from || time >= end) continue;
          for (const [field, value] of Object.entries(fields)) {
            held.set(nameOf(tags, time, field), { tags, time, field, value });
          }
        }
      },
    };
    for await (const { key } of inReplayOrder(source, (database) => options.map.database(database))) {
      await readFile(key, narrowed, visitor);
      if (isTooMany()) break;
    }
    if (!isTooMany()) return { held, to: end };
  }
}

function* pointsOf(bytes: Uint8Array, precision: Precision, measurement: string) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const record of scanLines(bytes)) {
    const { timestamp } = record;
    const point = timestamp === undefined ? undefined : parseRecord(buffer, record, precision);
    if (point?.measurement !== measurement || timestamp === undefined) continue;
    yield { tags: point.tags, fields: point.fields, time: timestamp * nanosecondsPer[precision] };
  }
}

function nameOf(tags: Readonly<Record<string, string>>, time: bigint, field: string): string {
  return JSON.stringify([present(tags), String(time), field]);
}

/** By key. A tag without a value is one that is not there. */
function present(tags: Readonly<Record<string, string>>): [key: string, value: string][] {
  const pairs = Object.entries(tags).filter(([, value]) => value !== '');
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
