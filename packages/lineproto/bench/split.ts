import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { LineEncoder, LineSplitter } from '@ceres/lineproto';
import { compare } from '@ceres/testkit';
import { telemetry } from './data';

const POINTS = 200_000;
const CHUNK_BYTES = 256 * 1024;

export async function run(): Promise<void> {
  const chunks = chunksOf(encodedTelemetry(POINTS, 20_265));
  const megabytes = chunks.reduce((sum, { length }) => sum + length, 0) / 1e6;
  await compare({
    bench: 'split',
    case: 'split-vs-readline',
    unit: 'MB/s',
    ours: () => {
      const splitter = new LineSplitter({ bytesMax: 1_000_000, linesMax: 10_000 });
      let lines = 0;
      for (const chunk of chunks) for (const batch of splitter.push(chunk)) lines += batch.lines;
      for (const batch of splitter.end()) lines += batch.lines;
      if (lines !== POINTS) throw new Error(`${lines} records, not ${POINTS}`);
      return megabytes;
    },
    peer: `node:readline ${process.version}`,
    theirs: async () => {
      await readLines(Readable.from(chunks));
      return megabytes;
    },
  });
}

export function encodedTelemetry(points: number, seed: number): Buffer {
  return Buffer.from(new LineEncoder({ precision: 's' }).encode(telemetry(points, seed)));
}

export function chunksOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) =>
    bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  );
}

/** Counts lines with readline's events: its async iterator is slower. It takes a newline within a string for the end of a line. */
export async function readLines(input: Readable): Promise<number> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let count = 0;
  lines.on('line', () => {
    count += 1;
  });
  await once(lines, 'close');
  return count;
}
