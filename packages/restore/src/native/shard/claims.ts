import { readTypeConflict } from '@ceres/influx-http/internal';
import { ExactRecords, unescapeName } from '@ceres/lineproto/internal';
import type { ColumnValue, FieldType } from '@ceres/tsm';
import type { CompiledField, CompiledMeasurement, CompiledShard, KnownType } from '../../compile/compiled-shard';
import { RestoreError } from '../../errors';
import { isTimeStripped } from '../../replay/deliver/isolate/group-search';
import type { Poster } from '../../replay/deliver/poster';

const TAB = 0x09;
const BACKSLASH = 0x5c;
/** Claims in one write. */
const CLAIMS_MAX = 1_000;
/** The tag of the series that claim fields beside points of others. */
export const MARKER_TAG = 'ceres_claim';

/** How fields are claimed. */
export interface ClaimSettings {
  readonly poster: Poster;
  /** Claims with series of their own, and not with points of the backup. */
  readonly isShared: boolean;
  /** The value of `MARKER_TAG` in such series. */
  readonly marker: string;
  readonly shardDurationMs: number;
}

type LineSettings = Pick<ClaimSettings, 'isShared' | 'marker'>;

/** One field, and the line that claims it. */
interface Claim {
  readonly measurement: CompiledMeasurement;
  readonly field: CompiledField;
  readonly line: Buffer;
}

/**
 * Writes one line for each field of a shard, so that the server knows all of them, with their types, before the shard's files arrive: a
 * type conflict inside a shard wrecks it, and up to 1.10 a field of which the index does not know stays hidden. One field a line, since
 * one conflict drops the line.
 *
 * @returns the fields that the shard has with another type
 * @throws RestoreError `NATIVE_REFUSED`, `SERVER_…`; the signal's reason
 */
export async function claimFields(shard: CompiledShard, settings: ClaimSettings): Promise<readonly KnownType[]> {
  const claims = shard.measurements.flatMap((measurement) =>
    measurement.fields.map((field) => ({ measurement, field, line: lineOf(measurement, field, settings) })),
  );
  const conflicts: KnownType[] = [];
  for (let from = 0; from < claims.length; from += CLAIMS_MAX) {
    const some = claims.slice(from, from + CLAIMS_MAX);
    if (await isStored(shard, some, settings)) continue;
    // One of them is refused: each alone tells which.
    for (const claim of some) {
      const known = await claimOne(shard, claim, settings);
      if (known !== undefined) conflicts.push(known);
    }
  }
  return conflicts;
}

async function isStored(shard: CompiledShard, claims: readonly Claim[], settings: ClaimSettings): Promise<boolean> {
  const { kind } = await post(shard, claims, settings);
  return kind === 'stored';
}

/** Returns whether a shard has fields whose claims need a series of their own, because another field stands in their lines. */
export function needsMarker({ measurements }: CompiledShard): boolean {
  return measurements.some(({ fields }) => fields.some(isNeverFirst));
}

async function claimOne(shard: CompiledShard, claim: Claim, settings: ClaimSettings): Promise<KnownType | undefined> {
  const decision = await post(shard, [claim], settings);
  if (decision.kind === 'stored') return undefined;
  const { code, message } = decision;
  const { measurement, field } = claim;
  if (isTimeStripped(decision)) return undefined;
  const conflict = code === 'TYPE_CONFLICT' ? readTypeConflict(message) : undefined;
  // The field that stands before it has a claim of its own.
  if (conflict !== undefined && isNeverFirst(field) && conflict.field !== text(field.name)) return undefined;
  const existing = conflict?.existing;
  if (existing === undefined) {
    const names = `'${text(measurement.name)}' and '${text(field.name)}' in '${shard.retentionPolicy}' of '${shard.database}'`;
    const what = `The server does not take a point of the measurement and field ${names}: ${message}`;
    throw new RestoreError('NATIVE_REFUSED', `${what.replace(/\.$/, '')}. Restore without native (--native).`);
  }
  return { measurement: measurement.name, field: field.name, type: existing as FieldType };
}

async function post(shard: CompiledShard, claims: readonly Claim[], { poster, shardDurationMs }: ClaimSettings) {
  const { database, retentionPolicy } = shard;
  const to = { database, retentionPolicy, precision: 'ns', shardDurationMs } as const;
  return await poster.post(Buffer.concat(claims.map(({ line }) => line)), claims.length, to);
}

/**
 * What of a field's name is escaped, the usual way first. InfluxDB looks twice for the end of a key, by two rules, which differ where a backslash
 * stands before one of these: a name that it took may need to be spelled as it was.
 */
const ESCAPED: readonly RegExp[] = [/[,= "]/g, /[= "]/g, /[, "]/g, /[ "]/g, /[,= ]/g, /[= ]/g, /[, ]/g, / /g];

/** Returns the line that claims a field, spelled so that InfluxDB reads the field's name from it. */
function lineOf(measurement: CompiledMeasurement, field: CompiledField, settings: LineSettings): Buffer {
  const [usual = / /g] = ESCAPED;
  const isPlain = !field.name.includes(BACKSLASH);
  const spelling = isPlain
    ? usual
    : ESCAPED.find((escaped) => names(spelled(measurement, field, settings, escaped), field));
  return spelled(measurement, field, settings, spelling ?? usual);
}

/** Returns whether a line is read as one that ends with a field of this name. */
function names(line: Buffer, { name }: CompiledField): boolean {
  const exact = new ExactRecords(line, 'ns');
  if (!exact.readFrom(0) || exact.fault !== undefined || exact.end !== line.length - 1) return false;
  const { fields } = exact.layout;
  const [keyStart = 0, valueStart = 0] = fields.slice(-3);
  const isAlone = fields.length === (name[0] === TAB || name[0] === 0 ? 6 : 3);
  return (
    isAlone && unescapeName(line.toString('latin1', keyStart, valueStart - 1)) === Buffer.from(name).toString('latin1')
  );
}

function spelled(
  measurement: CompiledMeasurement,
  field: CompiledField,
  { isShared, marker }: LineSettings,
  escaped: RegExp,
): Buffer {
  const { seriesKey, timeNs } = field.sample;
  const hasMarker = isShared || isNeverFirst(field);
  const series = hasMarker ? Buffer.concat([droppableName(measurement), tag(marker)]) : seriesKey;
  const before = isNeverFirst(field) ? leading(measurement) : [];
  return Buffer.concat([
    series,
    Buffer.from(' '),
    ...before,
    ...fieldText(field, escaped),
    Buffer.from(` ${timeNs}\n`),
  ]);
}

/** Returns whether InfluxDB would drop the first byte of the field's name if nothing stood before it in a line. */
function isNeverFirst({ name }: CompiledField): boolean {
  return name[0] === TAB || name[0] === 0;
}

/** Returns a field, with its comma, that may stand before another one: one that is claimed by itself, or `time`, which InfluxDB leaves out. */
function leading({ fields }: CompiledMeasurement): readonly Buffer[] {
  const other = fields.find((field) => !isNeverFirst(field) && !field.name.includes(BACKSLASH));
  return [...(other === undefined ? [Buffer.from('time=0')] : fieldText(other)), Buffer.from(',')];
}

/** Escapes a quote, too: behind a backslash it would lose that. A NUL that stands first is what InfluxDB reads as an empty name. */
function fieldText({ name, sample }: CompiledField, escaped = /[,= "]/g): readonly Buffer[] {
  if (name.length === 0) return [Buffer.from('\0='), valueText(sample.value)];
  const key = Buffer.from(name).toString('latin1').replaceAll(escaped, '\\$&');
  return [Buffer.from(`${key}=`, 'latin1'), valueText(sample.value)];
}

/** Returns the name as InfluxDB's index spells it: DROP SERIES leaves the points of another spelling in place. */
function droppableName({ name, escapedName }: CompiledMeasurement): Buffer {
  const text = Buffer.from(name).toString('latin1');
  const spelled = text.replaceAll(/[, ]/g, '\\$&');
  return unescapeName(spelled) === text ? Buffer.from(spelled, 'latin1') : Buffer.from(escapedName);
}

function tag(marker: string): Buffer {
  return Buffer.from(`,${MARKER_TAG}=${marker}`);
}

function valueText(value: ColumnValue): Buffer {
  if (typeof value === 'bigint') return Buffer.from(`${value}i`);
  if (typeof value === 'number') return Buffer.from(Object.is(value, -0) ? '-0' : String(value));
  if (typeof value === 'boolean') return Buffer.from(String(value));
  return Buffer.from(`"${Buffer.from(value).toString('latin1').replaceAll(/["\\]/g, '\\$&')}"`, 'latin1');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
