import { Readable } from 'node:stream';
import { validateLines } from '@ceres/lineproto';
import { compare } from '@ceres/testkit';
import { chunksOf, encodedTelemetry, readLines } from './split';

export async function run(): Promise<void> {
  const bytes = encodedTelemetry(200_000, 20_266);
  const chunks = chunksOf(bytes);
  const megabytes = bytes.length / 1e6;
  await compare({
    bench: 'scan',
    case: 'validate-vs-readline',
    unit: 'MB/s',
    ours: () => {
      for (const { error } of validateLines(bytes)) throw error;
      return megabytes;
    },
    peer: `node:readline ${process.version}`,
    theirs: async () => {
      await readLines(Readable.from(chunks));
      return megabytes;
    },
  });
}
