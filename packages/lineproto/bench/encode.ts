import { LineEncoder } from '@ceres/lineproto';
import { compare, report } from '@ceres/testkit';
import { Point as V2Point } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';
import { hard, type TelemetryPoint, telemetry } from './data';

const POINTS = 20_000;
const BATCH = 1_000;
const HEAP_POINTS = 10_000_000;

export async function run(): Promise<void> {
  const bench = 'encode';
  const unit = 'points/s';
  const influx = nodeInflux();
  for (const [name, points] of [
    ['telemetry-vs-influx', telemetry(POINTS, 20_261)],
    ['hard-vs-influx', hard(POINTS, 20_262)],
  ] as const) {
    await compare({ bench, case: name, unit, ours: ours(points), peer: 'influx 5.12.0', theirs: () => influx(points) });
  }
  const points = telemetry(POINTS, 20_263);
  const theirs = () => influxdbClient(points);
  await compare({
    bench,
    case: 'telemetry-vs-influxdb-client',
    unit,
    ours: ours(points),
    peer: '@influxdata/influxdb-client 1.35.0',
    theirs,
  });
  report({ bench, case: 'heap-growth-mb', unit: 'MB', ours: heapGrowthMb() });
}

/** Encodes as a service writes: a thousand points at a time. */
function ours(points: readonly TelemetryPoint[]): () => number {
  const encoder = new LineEncoder({ precision: 's' });
  const batches = inBatches(points);
  return () => {
    for (const batch of batches) encoder.encode(batch);
    return points.length;
  };
}

/** Encodes with node-influx, which makes its lines within `writePoints`; its pool is replaced by one that posts nothing. */
function nodeInflux(): (points: readonly TelemetryPoint[]) => Promise<number> {
  const client = new InfluxDB({ host: '127.0.0.1', database: 'bench' });
  // biome-ignore lint/complexity/useLiteralKeys: private in its types
  (client as unknown as Record<string, unknown>)['_pool'] = { discard: () => Promise.resolve() };
  return async (points) => {
    for (const batch of inBatches(points)) await client.writePoints(batch, { precision: 's' });
    return points.length;
  };
}

/** Encodes with influxdb-client: its users build a `Point` and hand it to `writePoint`, which asks it for its line. */
function influxdbClient(points: readonly TelemetryPoint[]): number {
  const settings = { convertTime: (time: Date) => String(Math.floor(time.getTime() / 1000)) } as Parameters<
    V2Point['toLineProtocol']
  >[0];
  for (const batch of inBatches(points)) {
    const lines: (string | undefined)[] = [];
    for (const { measurement, tags, fields, timestamp } of batch) {
      const point = new V2Point(measurement).timestamp(timestamp);
      for (const key of Object.keys(tags)) point.tag(key, tags[key] ?? '');
      for (const key of Object.keys(fields)) addField(point, key, fields[key]);
      lines.push(point.toLineProtocol(settings));
    }
    Buffer.from(lines.join('\n'));
  }
  return points.length;
}

function addField(point: V2Point, key: string, value: number | boolean | string | undefined): void {
  if (typeof value === 'number') point.floatField(key, value);
  else if (typeof value === 'boolean') point.booleanField(key, value);
  else point.stringField(key, value);
}

function inBatches(points: readonly TelemetryPoint[]): TelemetryPoint[][] {
  return Array.from({ length: Math.ceil(points.length / BATCH) }, (_, i) => points.slice(i * BATCH, (i + 1) * BATCH));
}

/** Returns what one encoder leaves on the heap and in buffers after ten million points. */
function heapGrowthMb(): number {
  const batches = inBatches(telemetry(POINTS, 20_264));
  const encoder = new LineEncoder({ precision: 's' });
  for (const batch of batches) encoder.encode(batch);
  const before = usedBytes();
  for (let points = 0; points < HEAP_POINTS; points += POINTS) for (const batch of batches) encoder.encode(batch);
  return (usedBytes() - before) / 1e6;
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
