import { describe, expect, it } from 'vitest';
import { rescale } from '../../src/index';
import { errorOf } from '../support/errors';

const bytes = (text: string) => Buffer.from(text);

describe('rescale', () => {
  const inMs = (text: string) => Buffer.from(rescale(bytes(text), 's', 'ms', 'refuse')).toString();

  it('changes the timestamps and no other byte', () => {
    expect(inMs('# c 1\n m,t=1 s="x 1\n1"  7 \nm v=1\nm v=2 -1')).toBe(
      '# c 1\n m,t=1 s="x 1\n1"  7000 \nm v=1\nm v=2 -1000',
    );
  });

  it('refuses a timestamp that the new precision cannot hold, with its index, or truncates it', () => {
    const error = errorOf(() => rescale(bytes('m v=1 1000\nm v=1 1500\n'), 'ms', 's', 'refuse'));
    expect([error.code, error.index]).toEqual(['PRECISION_LOSS', 1]);
    expect(Buffer.from(rescale(bytes('m v=1 1500\n'), 'ms', 's', 'truncate')).toString()).toBe('m v=1 1\n');
  });
});
