import { readTypeConflict } from '@ceres/influx-http/internal';
import type { ColumnValue, FieldType } from '@ceres/tsm';
import type { CompiledField, CompiledMeasurement, CompiledShard, KnownType } from '../compile/compiled-shard';
import { RestoreError } from '../errors';
import type { Poster } from '../replay/deliver/poster';

/** Claims in one write. */
const CLAIMS_MAX = 1_000;
/** The tag of the series that claim fields beside points of others. */
export const MARKER_TAG = 'ceres_claim';

/** How fields are claimed. */
export interface ClaimSettings {
  readonly poster: Poster;
  /** Claims with a series of its own, which has this value of `MARKER_TAG`, and not with points of the backup. */
  readonly marker: string | undefined;
  readonly shardDurationMs: number;
}

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
    measurement.fields.map((field) => ({ measurement, field, line: lineOf(measurement, field, settings.marker) })),
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

async function claimOne(shard: CompiledShard, claim: Claim, settings: ClaimSettings): Promise<KnownType | undefined> {
  const decision = await post(shard, [claim], settings);
  if (decision.kind === 'stored') return undefined;
  const { code, message } = decision;
  const { measurement, field } = claim;
  const existing = code === 'TYPE_CONFLICT' ? readTypeConflict(message)?.existing : undefined;
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

function lineOf(measurement: CompiledMeasurement, { name, sample }: CompiledField, marker: string | undefined): Buffer {
  const series = marker === undefined ? sample.seriesKey : Buffer.concat([measurement.escapedName, tag(marker)]);
  const key = Buffer.from(Buffer.from(name).toString('latin1').replaceAll(/[,= ]/g, '\\$&'), 'latin1');
  const end = Buffer.from(` ${sample.timeNs}\n`);
  return Buffer.concat([series, Buffer.from(' '), key, Buffer.from('='), valueText(sample.value), end]);
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
