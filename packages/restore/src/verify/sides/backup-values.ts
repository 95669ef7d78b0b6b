import type { RawValue } from '@ceres/influx-http/internal';
import { type FileHeader, nanosecondsPer, type Precision } from '@ceres/lineproto';
import { ExactRecords, parseRecordBytes, unescapeName } from '@ceres/lineproto/internal';
import type { ResolvedComparison } from '../../options/verify';
import { isOutside } from '../../plan/headers';
import { inReplayOrder, type PlanSource } from '../../plan/plan';
import { pruneByHeader } from '../../plan/survey';
import { type FileFinding, isFault } from '../../read/finding';
import type { FileReader } from '../../read/read-file';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { presentTags, type Tag } from '../digest/point-hash';

export interface BackupValuesSettings {
  readonly source: PlanSource;
  readonly options: Pick<ResolvedComparison, 'map' | 'precision'>;
  readonly policies: ComparedPolicies;
  readonly reader: FileReader;
  /** Called for a file that cannot be read as a whole: it may hold other values. */
  readonly onFinding?: (finding: FileFinding) => void;
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
  /** The series key, and the field with its value, as the record spells them; raw text. */
  readonly spelling: { readonly series: string; readonly field: string };
}

/** The values that memory holds at a time. */
const valuesHeldMax = 500_000;

/** A range, and its values by `valueKey`: the last write of each. */
export interface RangeValues {
  readonly range: PointRange;
  readonly values: Map<string, BackupValue>;
}

/**
 * Takes the next ranges from a stack, and reads their values: as many ranges as memory can hold, in one pass through the backup. What is
 * too much is divided, between ranges first and then in time, down to a minute, and the rest goes back onto the stack.
 *
 * @param stack groups of ranges, the next one last; the ranges of a measurement do not overlap
 * @returns `undefined` once the stack is empty
 */
export async function takeBackupValues(
  stack: (readonly PointRange[])[],
  settings: BackupValuesSettings,
): Promise<readonly RangeValues[] | undefined> {
  for (let ranges = stack.pop(); ranges !== undefined; ranges = stack.pop()) {
    if (ranges.length === 0) continue;
    const read = await readRanges(ranges, settings);
    if (read !== undefined) return read;
    const [first, second] = halvesOf(ranges);
    stack.push(second, first);
  }
  return undefined;
}

function isDivisible(ranges: readonly PointRange[]): boolean {
  const [{ from, until }] = ranges as readonly [PointRange];
  return ranges.length > 1 || until - from > nanosecondsPer.m;
}

function halvesOf(ranges: readonly PointRange[]): readonly [readonly PointRange[], readonly PointRange[]] {
  const [range] = ranges as readonly [PointRange];
  if (ranges.length > 1) {
    const middle = ranges.length >>> 1;
    return [ranges.slice(0, middle), ranges.slice(middle)];
  }
  const minutes = (range.until - range.from) / 2n / nanosecondsPer.m;
  const middle = range.from + (minutes > 0n ? minutes : 1n) * nanosecondsPer.m;
  return [[{ ...range, until: middle }], [{ ...range, from: middle }]];
}

/** Reads the backup once; returns `undefined` if the ranges hold too many values for memory, and can be divided. */
async function readRanges(
  ranges: readonly PointRange[],
  { source, options, policies, reader, onFinding }: BackupValuesSettings,
): Promise<readonly RangeValues[] | undefined> {
  const read = ranges.map((range): RangeValues => ({ range, values: new Map() }));
  const wanted = new Wanted(read);
  const mayBeTooMany = isDivisible(ranges);
  const isTooMany = () => mayBeTooMany && wanted.values > valuesHeldMax;
  const within = { ...source.selection, ...wanted.span };
  const visitor = {
    header: (header: FileHeader) => {
      const isOfOne = header.mixed !== undefined || wanted.has(policies.of(header.database, header.retentionPolicy));
      return isOfOne && !isOutside(header, within) && !isTooMany();
    },
    batch: ({ bytes }: { readonly bytes: Uint8Array }, header: FileHeader) => {
      const ofPolicy = wanted.of(policies.of(header.database, header.retentionPolicy));
      const { precision = options.precision } = header;
      if (ofPolicy === undefined || isTooMany()) return;
      for (const one of valuesIn(bytes, precision, ofPolicy)) wanted.add(ofPolicy, one);
    },
  };
  const files = inReplayOrder(source, (database) => options.map.database(database));
  for await (const file of pruneByHeader(files, within)) {
    const finding = await reader.read(file, visitor);
    if (finding !== undefined && isFault(finding)) onFinding?.(finding);
    if (isTooMany()) return undefined;
  }
  return read;
}

/** The ranges of one policy, by the raw names of their measurements; those of a measurement are in the order of time. */
type PolicyRanges = Map<string, RangeValues[]>;

/** Finds the range that a value belongs to. */
class Wanted {
  readonly #policies = new Map<ComparedPolicy, PolicyRanges>();
  readonly span: { readonly from: bigint; readonly until: bigint };
  values = 0;

  constructor(read: readonly RangeValues[]) {
    let [from, until] = [read[0]?.range.from ?? 0n, read[0]?.range.until ?? 0n];
    for (const one of read) {
      const { policy, measurement } = one.range;
      if (one.range.from < from) from = one.range.from;
      if (one.range.until > until) until = one.range.until;
      const ofPolicy: PolicyRanges = this.#policies.get(policy) ?? new Map();
      this.#policies.set(policy, ofPolicy);
      const known = ofPolicy.get(measurement);
      if (known === undefined) ofPolicy.set(measurement, [one]);
      else known.push(one);
    }
    this.span = { from, until };
    for (const ofPolicy of this.#policies.values()) {
      for (const own of ofPolicy.values()) own.sort((a, b) => (a.range.from < b.range.from ? -1 : 1));
    }
  }

  has(policy: ComparedPolicy): boolean {
    return this.#policies.has(policy);
  }

  of(policy: ComparedPolicy): PolicyRanges | undefined {
    return this.#policies.get(policy);
  }

  add(ofPolicy: PolicyRanges, { measurement, ...value }: BackupValue & { readonly measurement: string }): void {
    const found = rangeAt(ofPolicy.get(measurement), value.time);
    if (found === undefined) return;
    const before = found.values.size;
    found.values.set(valueKey(value), value);
    this.values += found.values.size - before;
  }
}

/** Returns the range that holds a time. */
function rangeAt(ranges: readonly RangeValues[] | undefined, time: bigint): RangeValues | undefined {
  if (ranges === undefined) return undefined;
  let low = 0;
  for (let high = ranges.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as RangeValues).range.until <= time) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low];
  return found !== undefined && found.range.from <= time ? found : undefined;
}

/** Returns a string that is unique to a series, time and field of a measurement. */
export function valueKey({ tags, time, field }: Pick<BackupValue, 'tags' | 'time' | 'field'>): string {
  return JSON.stringify([presentTags(tags), String(time), field]);
}

function* valuesIn(
  bytes: Uint8Array,
  precision: Precision,
  wanted: PolicyRanges,
): Generator<BackupValue & { readonly measurement: string }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = new ExactRecords(buffer, precision);
  for (let at = 0; records.readFrom(at); at = records.end + 1) {
    const { start, end, seriesEnd, layout, timestamp, fault } = records;
    if (fault !== undefined || timestamp === undefined) continue;
    const measurement = unescapeName(buffer.toString('latin1', start, layout.measurementEnd));
    const time = timestamp * nanosecondsPer[precision];
    if (rangeAt(wanted.get(measurement), time) === undefined) continue;
    const point = parseRecordBytes(buffer.subarray(start, end), precision);
    if (point === undefined) continue;
    const tags = Object.entries(point.tags);
    const series = buffer.toString('latin1', start, seriesEnd);
    const { fields } = layout;
    for (let i = 0; i < fields.length; i += 3) {
      const [keyStart = 0, valueStart = 0, valueEnd = 0] = [fields[i], fields[i + 1], fields[i + 2]];
      const field = unescapeName(buffer.toString('latin1', keyStart, valueStart - 1));
      const value = point.fields[field];
      if (value === undefined) continue; // `time`, which InfluxDB leaves out
      const spelling = { series, field: buffer.toString('latin1', keyStart, valueEnd) };
      yield { measurement, tags, time, field, value, spelling };
    }
  }
}
