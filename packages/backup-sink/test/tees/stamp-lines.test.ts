import { describe, expect, it } from 'vitest';
import { stampLines } from '../../src/tees/stamp-lines';

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

  it('leave those that have one alone', () => {
    expect(stamped('m v=1 5\nm s="a\nm v=2"\nm v=3 6\n')).toBe('m v=1 5\nm s="a\nm v=2" 1700000000\nm v=3 6\n');
  });

  it('are left to the sink where only nanoseconds would do', () => {
    expect(stamped('m v=1', 'ns')).toBe('m v=1');
  });

  it('stay as they are if they are not valid', () => {
    expect(stamped('m\nm v=1 x\nm v=1')).toBe('m\nm v=1 x\nm v=1 1700000000\n');
  });

  it('are not looked for twice: what has them all is handed on untouched', () => {
    const raw = { lines: Buffer.from('m v=1 5\n'), precision: 's' } as const;
    expect(stampLines(raw, stamper())).toBe(raw);
  });
});
