import { crc32, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeFile, type FileHeader } from '../../../src/index';
import { encodeSummarizedFile } from '../../../src/internal';
import { collect } from '../../support/streams';

const header: FileHeader = { database: 'db', retentionPolicy: 'rp', formatVersion: 1, precision: 's' };

describe('encodeSummarizedFile', () => {
  const lines = Buffer.from('m v=1 1\nm v="a\nb" 2\n'.repeat(1_000));
  const summary = { lines: 2_000, bytes: lines.length, firstTimestamp: 1n, lastTimestamp: 2n };

  it('makes the same file as encodeFile from chunks cut anywhere, whose memory is reused for the chunk after the next', async () => {
    async function* reusing() {
      let [buffer, given] = [Buffer.alloc(777), Buffer.alloc(777)];
      for (let at = 0; at < lines.length; at += buffer.length) {
        yield buffer.subarray(0, lines.copy(buffer, 0, at));
        given.fill('?');
        [buffer, given] = [given, buffer];
      }
    }
    async function* whole() {
      yield lines;
    }
    const expected = await collect(encodeFile({ ...header, summary }, whole()));
    const gz = await collect(
      encodeSummarizedFile({ ...header, summary }, { chunks: reusing(), crc: () => crc32(lines) }),
    );
    expect(gunzipSync(gz).toString()).toBe(gunzipSync(expected).toString());
  });

  it('asks for one chunk ahead while zlib works, and closes its source when the reader leaves', async () => {
    let asked = 0;
    let ended = false;
    async function* counted() {
      try {
        for (; asked < 10; ) {
          asked += 1;
          yield lines;
        }
      } finally {
        ended = true;
      }
    }
    const total = { ...summary, lines: 20_000, bytes: 10 * lines.length };
    const file = encodeSummarizedFile({ ...header, summary: total }, { chunks: counted(), crc: () => 0 });
    const first = file.next();
    // zlib has the header, and cannot be done with it before the event loop turns.
    for (let i = 0; i < 100; i += 1) await Promise.resolve();
    expect(asked).toBe(1);
    await first;
    await file.return();
    expect(ended).toBe(true);
  });

  it('refuses lines with another CRC than they had before, once they were all read', async () => {
    async function* flipped() {
      const bytes = Buffer.from(lines);
      bytes[1_234] = (bytes[1_234] ?? 0) ^ 4;
      yield bytes;
    }
    const flippedLines = { chunks: flipped(), crc: () => crc32(lines) };
    const encoding = collect(encodeSummarizedFile({ ...header, summary }, flippedLines));
    await expect(encoding).rejects.toMatchObject({ code: 'INVALID_VALUE', message: expect.stringContaining('CRC-32') });
  });

  it('refuses lines of another size than the summary says', async () => {
    async function* less() {
      yield lines.subarray(8);
    }
    const encoding = collect(encodeSummarizedFile({ ...header, summary }, { chunks: less(), crc: () => crc32(lines) }));
    await expect(encoding).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });
});
