import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { stampLines } from '../../../src/tees/backup-first/stamp-lines';

function stamper() {
  let last = 1_700_000_000_123_456_789n;
  return () => last++;
}

function stamped(lines: string, precision: 'ns' | 's' = 's'): string {
  return Buffer.from(stampLines({ lines, precision }, stamper()).lines).toString();
}

describe('lines without a timestamp', () => {
  it('get one in their own precision', () => {
    expect(stamped('m v=1\nm v=2')).toBe('m v=1 1700000000\nm v=2 1700000000\n');
  });

  it('do not change those that have one', () => {
    expect(stamped('m v=1 5\nm s="a\nm v=2"\nm v=3 6\n')).toBe('m v=1 5\nm s="a\nm v=2" 1700000000\nm v=3 6\n');
  });

  it('are left to the sink where only nanoseconds would do', () => {
    expect(stamped('m v=1', 'ns')).toBe('m v=1');
  });

  it('stay as they are if they are not valid', () => {
    expect(stamped('m\nm v=1 x\nm v=1')).toBe('m\nm v=1 x\nm v=1 1700000000\n');
  });

  it('are looked for once: bytes with all timestamps are passed on as they are', () => {
    const raw = { lines: Buffer.from('m v=1 5\n'), precision: 's' } as const;
    expect(stampLines(raw, stamper())).toBe(raw);
  });

  it('get one from the first to the last, and what is not a record is dropped', () => {
    expect(stamped('# a comment\n\n  m v=1\nm\n\nm v=2 7\nm\nm v=3')).toBe(
      'm v=1 1700000000\nm\nm v=2 7\nm\nm v=3 1700000000\n',
    );
  });

  it('have room for the longest timestamp, however many they are', () => {
    const farOff = 99_999_999_999_999_999_000n;
    const { lines } = stampLines({ lines: 'm v=1\n'.repeat(1000), precision: 'us' }, () => farOff);
    expect(Buffer.from(lines).toString()).toBe('m v=1 99999999999999999\n'.repeat(1000));
  });

  it('stay as they are among more invalid ones than a sink takes: it will refuse them all', () => {
    const lines = Buffer.from(`m v=1\n${'m\n'.repeat(20_000)}`);
    const stamp = stamper();
    expect(stampLines({ lines, precision: 's' }, stamp).lines).toBe(lines);
  });

  it('take no memory for each invalid one, of which a small gzip can hold millions', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const heapBytes = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const lines = Buffer.from(`${'m\n'.repeat(10_000)}m v=1`);
    const before = heapBytes();
    let keptBytes = 0;
    stampLines({ lines, precision: 's' }, () => {
      keptBytes = heapBytes() - before; // Called for the last line, when all others have been seen.
      return 5n;
    });
    expect(keptBytes).toBeLessThan(1_000_000);
  });
});
