import { describe, expect, it } from 'vitest';
import { hashSeriesKey } from '../../src/index';

describe('hashSeriesKey', () => {
  const hash = (key: string) => hashSeriesKey(Buffer.from(key), 0, Buffer.byteLength(key));

  it('is the same whatever the order of the tags', () => {
    expect(hash('to,a=1,b=2')).toBe(hash('to,b=2,a=1'));
    expect(hash('to,a=1\\,x,b=2')).toBe(hash('to,b=2,a=1\\,x'));
  });

  it('differs for different series', () => {
    const keys = ['to', 'to,a=1', 'to,a=2', 'to,a=1,b=2', 'to,a=2,b=1', 'a=1,to=1', 'to,ab=1', 'to,a=b1'];
    expect(new Set(keys.map(hash)).size).toBe(keys.length);
  });

  it('is an unsigned integer of 32 bits', () => {
    for (let i = 0; i < 1_000; i += 1) expect(hash(`m,t=${i}`)).toSatisfy((h: number) => h === h >>> 0);
  });
});
