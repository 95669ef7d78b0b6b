import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { LineEncoder } from '@ceres/lineproto';
import { gzip } from '@ceres/lineproto/internal';
import { median, report, telegrafLines, telemetryPoints } from '@ceres/testkit';

const bench = 'gzip-levels';
const levels = [1, 2, 3, 4, 5, 6];
const rounds = 3;
const blockBytes = 1024 * 1024;

/** What each `gzipLevel` costs and saves, on two kinds of data: the ground for the default. At level 3 also with gzip's largest window, twice ours. */
export async function run(): Promise<void> {
  const data = { telegraf: telegraf(), telemetry: telemetry() };
  for (const [name, bytes] of Object.entries(data)) {
    for (const level of levels) await measure(`${name}-level-${level}`, bytes, () => gzip(blocksOf(bytes), level));
    await measure(`${name}-level-3-window-32k`, bytes, () => largestWindow(bytes));
  }
}

/** CPU time, and not the time on the clock: a busy machine changes it less. */
async function measure(name: string, bytes: Buffer, compress: () => AsyncIterable<Uint8Array>): Promise<void> {
  const rates: number[] = [];
  let gzBytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    gzBytes = 0;
    for await (const chunk of compress()) gzBytes += chunk.byteLength;
    const { user, system } = process.cpuUsage(before);
    rates.push(bytes.byteLength / (user + system));
  }
  report({ bench, case: name, unit: 'MB/CPU s', ours: median(rates) });
  report({ bench, case: `${name}-ratio`, unit: 'bytes ÷ gzip bytes', ours: bytes.byteLength / gzBytes });
}

async function* blocksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
}

function largestWindow(bytes: Buffer): AsyncIterable<Uint8Array> {
  return Readable.from(blocksOf(bytes)).pipe(createGzip({ level: 3, chunkSize: 256 * 1024 }));
}

/** Five tags and ten floats a line, always of the same shape. */
function telegraf(): Buffer {
  return Buffer.from([...telegrafLines({ lines: 100_000, series: 2_000 })].join(''));
}

/** Points of many shapes, with strings. */
function telemetry(): Buffer {
  const points = [...telemetryPoints({ points: 150_000, devices: 1_000 })];
  return Buffer.from(new LineEncoder({ precision: 'ns' }).encode(points));
}
