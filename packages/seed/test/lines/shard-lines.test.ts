import type { PointBatch } from '@ceres/tsm';
import { describe, expect, it } from 'vitest';
import { type RefusedPoint, ShardLines } from '../../src/lines/shard-lines';
import { batchOf } from '../support/points';

const second = 1_000_000_000n;

function encoded(lines: ShardLines, batch: PointBatch, bytesMax = 1_000_000) {
  const pieces = [];
  for (const { bytes, summary, precision } of lines.of(batch, bytesMax)) {
    pieces.push({ text: Buffer.from(bytes).toString(), summary, precision }); // the next one takes the same memory
  }
  return pieces;
}

describe('the lines of a shard', () => {
  it('say their number, their size and their times', () => {
    const lines = new ShardLines('ns', () => expect.fail());
    const [only] = encoded(
      lines,
      batchOf('cpu,host=a', 'v', 'float', [
        [1n, 0.5],
        [20n, 1],
      ]),
    );
    expect(only).toEqual({
      text: 'cpu,host=a v=0.5 1\ncpu,host=a v=1 20\n',
      precision: 'ns',
      summary: {
        lines: 2,
        bytes: 37,
        firstTimestamp: 1n,
        lastTimestamp: 20n,
        recordBytesMax: 19,
        hasInnerNewline: false,
      },
    });
  });

  it('of times before 1970 say the same', () => {
    const lines = new ShardLines('ns', () => expect.fail());
    const [only] = encoded(
      lines,
      batchOf('m', 's', 'string', [
        [-5n, Buffer.from('a\nb')],
        [1n, Buffer.from('c')],
      ]),
    );
    expect(only?.summary).toMatchObject({ lines: 2, firstTimestamp: -5n, lastTimestamp: 1n, hasInnerNewline: true });
  });

  it('come in pieces of at most the size that is asked for, a longer record alone', () => {
    const lines = new ShardLines('ns', () => expect.fail());
    const points = Array.from(
      { length: 100 },
      (_, i) => [BigInt(i), Buffer.from('x'.repeat(i === 50 ? 500 : 5))] as const,
    );
    const pieces = encoded(lines, batchOf('m', 's', 'string', points), 200);
    expect(pieces.map(({ text }) => text).join('')).toBe(encoded(lines, batchOf('m', 's', 'string', points))[0]?.text);
    const long = pieces.filter(({ text }) => text.length > 200);
    expect(long.map(({ summary }) => summary.lines)).toEqual([1]);
  });

  it('leave out only the points that no line can carry, and name each', () => {
    const refused: RefusedPoint[] = [];
    const lines = new ShardLines('ns', (point) => refused.push(point));
    const batch = batchOf('m', 'a\nb', 'float', [[7n, 1]]);
    expect(encoded(lines, batch)).toEqual([]);
    expect(refused).toEqual([
      { seriesKey: 'm', timeNs: 7n, reason: expect.any(String), record: Uint8Array.from(Buffer.from('m a\nb=1 7')) },
    ]);
    expect(encoded(lines, batchOf('# m', 'v', 'float', [[8n, 1]]))).toEqual([]);
    expect(refused).toHaveLength(2);
  });

  it('never become points of another series, whatever a key holds', () => {
    const refused: RefusedPoint[] = [];
    const lines = new ShardLines('ns', (point) => refused.push(point));
    // As one line these would be two records, or one of another series.
    for (const key of ['m v=1 1\nn', 'm x']) expect(encoded(lines, batchOf(key, 'v', 'float', [[1n, 1]]))).toEqual([]);
    expect(refused).toHaveLength(2);
  });

  it('are in a coarser precision until a time is finer, and then in nanoseconds', () => {
    const lines = new ShardLines('s', () => expect.fail());
    const whole = batchOf('m', 'v', 'float', [
      [-second, 2],
      [2n * second, 1],
    ]);
    expect(encoded(lines, whole)).toMatchObject([
      { text: 'm v=2 -1\nm v=1 2\n', precision: 's', summary: { bytes: 17, firstTimestamp: -1n, lastTimestamp: 2n } },
    ]);
    expect(encoded(lines, batchOf('m', 'v', 'float', [[second + 1n, 1]]))).toMatchObject([
      { text: 'm v=1 1000000001\n', precision: 'ns' },
    ]);
    expect(encoded(lines, whole)).toMatchObject([{ precision: 'ns', summary: { lastTimestamp: 2n * second } }]);
  });
});
