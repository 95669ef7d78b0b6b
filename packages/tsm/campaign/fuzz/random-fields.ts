import { ColumnBuffer, type ColumnValue, type FieldType } from '@ceres/tsm';

/** A field of a series, with all its points. */
export interface FuzzField {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly column: ColumnBuffer;
}

/** A stretch of time, both ends included. */
export interface TimeWindow {
  readonly first: bigint;
  readonly last: bigint;
}

/** What the points are for: a server takes no unsigned numbers, no infinity, and answers with UTF-8 only. */
export type Audience = 'ourselves' | 'a server';

type Random = () => number;

const tagValues = ['a', 'b c', 'd,e=f', 'ü"g"', 'h\\i'];
const fieldNames = ['f', 'f 2', 'f,3', 'f=4', 'ü', 'value'];
const steps = [1n, 10n, 1_000n, 999_999_937n, 1_000_000_000n, 10_000_000_000n, 60_000_000_000n];

/**
 * Makes fields of every type with about `points` values. The type of a field depends on its measurement and its name alone, as in a
 * shard.
 */
export function randomFields(
  random: Random,
  points: number,
  window: TimeWindow,
  audience: Audience,
): readonly FuzzField[] {
  const types: readonly FieldType[] =
    audience === 'ourselves'
      ? ['float', 'integer', 'boolean', 'string', 'unsigned']
      : ['float', 'integer', 'boolean', 'string'];
  const fields: FuzzField[] = [];
  for (let made = 0, m = 0; made < points; m += 1) {
    const shift = below(random, types.length);
    for (const tag of tagValues.slice(0, 1 + below(random, tagValues.length))) {
      for (const [i, field] of fieldNames.entries()) {
        if (random() < 0.2 || made >= points) continue;
        const type = types[(i + shift) % types.length] as FieldType;
        const count = Math.min(points - made, random() < 0.3 ? 1 + below(random, 4) : 1 + below(random, 2_500));
        const column = randomColumn(random, type, count, window, audience);
        fields.push({ measurement: `m ${m}`, tags: { t: tag }, field, column });
        made += column.length;
      }
    }
  }
  return fields;
}

function randomColumn(
  random: Random,
  type: FieldType,
  count: number,
  window: TimeWindow,
  audience: Audience,
): ColumnBuffer {
  const column = new ColumnBuffer(type, count);
  const next = values(random, type, audience);
  for (const time of randomTimes(random, count, window)) column.push(time, next());
  return column;
}

/** Runs of equal steps, jitter and gaps; at times at the very ends of the window. */
function randomTimes(random: Random, count: number, { first, last }: TimeWindow): readonly bigint[] {
  const span = last - first;
  const times: bigint[] = [];
  let time = random() < 0.1 ? first : first + scaled(span, random() / 2);
  let step = pick(random, steps);
  const breaks = random() < 0.5 ? 0 : 0.02;
  const jitter = random() < 0.3 ? 1_000 : 0;
  while (times.length < count && time <= last) {
    times.push(time);
    if (random() < breaks) {
      step = pick(random, steps);
      if (random() < 0.2) time += scaled(span, random() / 8);
    }
    time += step + BigInt(jitter > 0 ? below(random, jitter) : 0);
  }
  if (random() < 0.1 && times.at(-1) !== last) times[Math.max(0, times.length - 1)] = last;
  return times;
}

function values(random: Random, type: FieldType, audience: Audience): () => ColumnValue {
  const repeat = random() < 0.3 ? 1 + below(random, 400) : 1;
  const make = maker(random, type, audience);
  let value = make();
  let left = repeat;
  return () => {
    if (left === 0) {
      value = make();
      left = repeat;
    }
    left -= 1;
    return value;
  };
}

function maker(random: Random, type: FieldType, audience: Audience): () => ColumnValue {
  const kind = below(random, 4);
  if (type === 'boolean') return () => random() < 0.5;
  if (type === 'string') return () => randomText(random, kind, audience);
  if (type === 'float') return () => randomFloat(random, kind, audience);
  let counter = 0n;
  const extremes = [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 60n - 1n, 2n ** 59n];
  return () => {
    counter += BigInt(below(random, 1_000_000));
    const value = [counter, BigInt(below(random, 3)), randomBits(random), pick(random, extremes)][kind] as bigint;
    return type === 'unsigned' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  };
}

function randomFloat(random: Random, kind: number, audience: Audience): number {
  const extremes = [0, -0, 5e-324, -5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 1e21];
  if (audience === 'ourselves') extremes.push(Infinity, -Infinity);
  if (kind === 0) return Math.round(random() * 1e4) / 100;
  if (kind === 1) return pick(random, extremes);
  if (kind === 2) return below(random, 100);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setBigInt64(0, BigInt.asIntN(64, randomBits(random)));
  const value = bits.getFloat64(0);
  return Number.isFinite(value) ? value : random();
}

function randomText(random: Random, kind: number, audience: Audience): Uint8Array {
  if (kind === 0)
    return Buffer.from(['', 'ok', 'a "quoted" \\ text', 'grüße\nüber zwei Zeilen'][below(random, 4)] as string);
  if (kind === 1) return Buffer.from(`value ${below(random, 1_000_000)}`);
  if (kind === 2 && random() < 0.01) return Buffer.alloc(65_536, random() < 0.5 ? 'x' : `${random()} `);
  const length = below(random, 60);
  const bytes = Buffer.from(Array.from({ length }, () => below(random, 256)));
  return audience === 'ourselves' ? bytes : Buffer.from(bytes.toString('base64'));
}

function randomBits(random: Random): bigint {
  const bits = (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32));
  return bits >> BigInt(below(random, 64));
}

function scaled(span: bigint, factor: number): bigint {
  return (span * BigInt(Math.floor(factor * 1e9))) / 1_000_000_000n;
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T; // The index is below the length.
}
