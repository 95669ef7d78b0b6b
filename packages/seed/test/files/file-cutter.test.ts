import { PaceBesideOthers, systemClock } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import { type CutFile, FileCutter } from '../../src/files/file-cutter';
import { ShardLines } from '../../src/lines/shard-lines';
import { batchOf } from '../support/points';

const pace = new PaceBesideOthers(Number.POSITIVE_INFINITY, systemClock);

/** Cuts batches of one record of these sizes. */
async function cut(sizes: readonly number[], segmentBytesMax: number): Promise<CutFile[]> {
  const cutter = new FileCutter({ segmentBytesMax, gzipLevel: 1, pace });
  const lines = new ShardLines('ns', () => expect.fail());
  const files: (CutFile | undefined)[] = [];
  for (const size of sizes) {
    const text = Buffer.alloc(size - 'm s="" 1\n'.length, 'x');
    for (const piece of lines.of(batchOf('m', 's', 'string', [[1n, text]]), segmentBytesMax)) {
      const { cut: before, ready } = cutter.add(piece);
      files.push(before);
      await ready;
    }
  }
  return [...files, cutter.end()].filter((file) => file !== undefined);
}

describe('a file', () => {
  it('ends before its lines exceed the size', async () => {
    const files = await cut([400, 400, 300, 2_000, 100, 900], 1_000);
    expect(files.map(({ summary }) => summary.bytes)).toEqual([800, 300, 2_000, 1_000]);
    expect(files.map(({ summary }) => summary.lines)).toEqual([2, 1, 1, 2]);
  });

  it('with records so long that the importer could not post 5,000 of them has no more bytes than a server takes at once', async () => {
    const cutter = new FileCutter({ segmentBytesMax: 64 * 1024 * 1024, gzipLevel: 1, pace });
    const bytes = Buffer.alloc(12_000_000, 'x');
    const times = { firstTimestamp: 1n, lastTimestamp: 1n };
    const summary = { lines: 2_000, bytes: bytes.length, recordBytesMax: 6_000, hasInnerNewline: false, ...times };
    const files = [1, 2, 3].map(() => cutter.add({ bytes, summary, precision: 'ns' }).cut);
    const cutFiles = [...files, cutter.end()].filter((file) => file !== undefined);
    expect(cutFiles.map((file) => file.summary.bytes)).toEqual([24_000_000, 12_000_000]);
    expect(cutFiles.flatMap(({ notImportable }) => notImportable)).toEqual([]);
  });

  it('has only lines of one precision', async () => {
    const cutter = new FileCutter({ segmentBytesMax: 10_000, gzipLevel: 1, pace });
    const lines = new ShardLines('s', () => expect.fail());
    const files: (CutFile | undefined)[] = [];
    for (const time of [1_000_000_000n, 1_000_000_001n, 2_000_000_000n]) {
      for (const piece of lines.of(batchOf('m', 'v', 'float', [[time, 1]]), 10_000)) files.push(cutter.add(piece).cut);
    }
    files.push(cutter.end());
    expect(files.flatMap((file) => file?.precision ?? [])).toEqual(['s', 'ns']);
  });
});
