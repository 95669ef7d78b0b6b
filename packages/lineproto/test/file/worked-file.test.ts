import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeFile, readHeader } from '../../src/index';
import { chunksOf, collect, readAll } from '../support/streams';
import { workedFile } from './worked-file';

describe('the file in docs/file-format.md', () => {
  const gz = gzipSync(workedFile());

  it('is certified by its footer', async () => {
    const { lines, integrity } = await readAll(gz);
    expect(integrity).toEqual({ status: 'sealed' });
    expect(lines).toBe(readHeader(gz).summary?.lines);
  });

  it('is written from its header and its records, byte for byte', async () => {
    const { text } = await readAll(gz);
    const written = await collect(encodeFile(readHeader(gz), chunksOf(Buffer.from(text))));
    expect(gunzipSync(written).toString()).toBe(workedFile());
  });
});
