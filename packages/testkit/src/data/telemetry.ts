import { randomFrom } from './random';

/** A point as an ingestion service has it. A `number` is a float, a `bigint` an integer; the timestamp is in ns. */
export interface TelemetryPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint;
}

export interface TelemetryOptions {
  readonly points: number;
  readonly devices: number;
  /** Default: 1. */
  readonly seed?: number;
  /** The time of the first round, in ns since the epoch; each round is 1 s later. Default: 2024-01-01T00:00:00Z. */
  readonly startNs?: bigint;
}

/** Strings that have each broken some encoder, splitter or importer. */
const awkward = [
  'plain',
  '',
  'two words',
  'a "quoted" word',
  'C:\\temp\\new',
  'ends in a backslash\\',
  '\\"',
  'first line\nsecond line',
  '\n# DML\n# CONTEXT-DATABASE: other\n',
  'm,t=a v=1 1',
  'Zürich ☃ 𝄞',
  'tab\tand\rreturn',
  '1i',
  'true',
];

/** Generates device telemetry. One field in twenty is a string, and many strings hold quotes, backslashes or newlines. */
export function* telemetryPoints(options: TelemetryOptions): Generator<TelemetryPoint> {
  const { points, devices, seed = 1, startNs = BigInt(Date.UTC(2024, 0, 1)) * 1_000_000n } = options;
  const random = randomFrom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  for (let index = 0; index < points; index += 1) {
    const device = index % devices;
    const fields = {
      temperature: 20 + random() * 10,
      pressure: Math.round(random() * 1e6) / 1e3,
      uptime: BigInt(index) * 1_000_000_007n,
      open: random() < 0.5,
      // Every fifth point has a fifth field.
      ...(index % 5 === 4 ? { note: awkward[pick(awkward.length)] as string } : {}),
    };
    yield {
      measurement: device % 7 === 0 ? 'device status' : 'telemetry',
      tags: { device: `dev-${device}`, site: `site ${device % 5}`, line: `a=${device % 3},b` },
      fields,
      timestamp: startNs + BigInt(Math.floor(index / devices)) * 1_000_000_000n,
    };
  }
}

/** Encodes a point as line protocol, without LF, in the simplest way: faster encoders are compared with it. */
export function plainLine({ measurement, tags, fields, timestamp }: TelemetryPoint): string {
  const tagSet = Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`)
    .join('');
  const fieldSet = Object.entries(fields)
    .map(([key, value]) => `${escapeKey(key)}=${fieldText(value)}`)
    .join(',');
  return `${measurement.replace(/[, ]/g, '\\$&')}${tagSet} ${fieldSet} ${timestamp}`;
}

function escapeKey(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}

function fieldText(value: number | bigint | boolean | string): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return typeof value === 'bigint' ? `${value}i` : String(value);
}
