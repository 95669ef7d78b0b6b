import { createGzip } from 'node:zlib';
import { LineEncoder } from '@ceres/lineproto';
import { median, report, telegrafLines, telemetryPoints } from '@ceres/testkit';

const bench = 'gzip-levels';
const levels = [1, 2, 3, 4, 5, 6];
const rounds = 3;
const blockBytes = 1_000_000;

/** What each `gzipLevel` costs and saves, on two kinds of data: the ground for the default. */
export async function run(): Promise<void> {
  const data = { telegraf: telegraf(), telemetry: telemetry() };
  for (const [name, bytes] of Object.entries(data)) {
    for (const level of levels) {
      const rates: number[] = [];
      let gzBytes = 0;
      for (let round = 0; round < rounds; round += 1) {
        const startedMs = performance.now();
        gzBytes = await gzippedBytes(bytes, level);
        rates.push(bytes.byteLength / 1e3 / (performance.now() - startedMs));
      }
      report({ bench, case: `${name}-level-${level}`, unit: 'MB/s', ours: median(rates) });
      report({
        bench,
        case: `${name}-level-${level}-ratio`,
        unit: 'bytes ÷ gzip bytes',
        ours: bytes.byteLength / gzBytes,
      });
    }
  }
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

async function gzippedBytes(bytes: Buffer, level: number): Promise<number> {
  const gzip = createGzip({ level, chunkSize: 256 * 1024 });
  let written = 0;
  gzip.on('data', (chunk: Buffer) => {
    written += chunk.byteLength;
  });
  for (let at = 0; at < bytes.byteLength; at += blockBytes) {
    if (!gzip.write(bytes.subarray(at, at + blockBytes))) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  await new Promise((resolve) => gzip.end().once('end', resolve));
  return written;
}
