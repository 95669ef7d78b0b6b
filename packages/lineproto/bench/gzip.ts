import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decodeFile, encodeFile } from '@ceres/lineproto';
import { compare } from '@ceres/testkit';
import { chunksOf, encodedTelemetry, readLines } from './split';

const POINTS = 200_000;

export async function run(): Promise<void> {
  const lines = encodedTelemetry(POINTS, 20_267);
  const gz: Uint8Array[] = [];
  const header = { database: 'bench', retentionPolicy: '', formatVersion: 1, precision: 's' } as const;
  for await (const chunk of encodeFile(header, Readable.from(chunksOf(lines)))) gz.push(chunk);
  const file = chunksOf(Buffer.concat(gz));
  const megabytes = lines.length / 1e6;
  await compare({
    bench: 'gzip',
    case: 'decode-vs-readline',
    unit: 'MB/s',
    ours: async () => {
      const decoded = decodeFile(Readable.from(file), { batchBytesMax: 1_000_000, batchLinesMax: 10_000 });
      for await (const _ of decoded);
      const { status } = await decoded.integrity;
      if (status !== 'sealed') throw new Error(`the file is ${status}`);
      return megabytes;
    },
    peer: `node:zlib createGunzip and node:readline ${process.version}`,
    theirs: async () => {
      await readLines(Readable.from(file).pipe(createGunzip()));
      return megabytes;
    },
  });
}
