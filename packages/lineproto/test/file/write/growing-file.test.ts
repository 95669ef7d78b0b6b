import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFile, encodeFile, type FileHeader, LineSummarizer, readHeader } from '../../../src/index';
import { type CompressionPace, GrowingFile } from '../../../src/internal';

const origin: FileHeader = { database: 'db', retentionPolicy: 'rp', formatVersion: 1, precision: 'ns' };

function linesOf(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, i) => `cpu,host=h${i % 7} v=${i * 1.37} ${i}\n`).join(''));
}

function headerOf(lines: Uint8Array) {
  const summarizer = new LineSummarizer();
  summarizer.add(lines);
  const { summary } = summarizer.finish();
  if (summary === undefined) throw new Error('no summary');
  return { ...origin, summary };
}

const alone: CompressionPace = { isShared: false, pause: () => undefined };

async function grown(
  lines: Buffer,
  chunkLines: number,
  pace = alone,
): Promise<{ gz: Buffer; members: number; sha256: string }> {
  const file = new GrowingFile(3, 2, pace);
  const all = lines.toString('latin1').split(/(?<=\n)/);
  for (let at = 0; at < all.length; at += chunkLines) {
    const chunk = all.slice(at, at + chunkLines);
    const bytes = Buffer.from(chunk.join(''));
    await file.add(bytes, chunk.length);
    bytes.fill(0); // it has a copy
  }
  const { members, sha256 } = await file.finish(headerOf(lines));
  return { gz: Buffer.concat(members), members: members.length, sha256 };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('a file that grows', () => {
  it.each([1, 2_000, 100_000])(
    'of %i lines has the text that encodeFile writes, and is proven by its footer',
    async (count) => {
      const lines = linesOf(count);
      const pieces: Uint8Array[] = [];
      for await (const piece of encodeFile(headerOf(lines), once(lines))) pieces.push(piece);
      const { gz, members, sha256 } = await grown(lines, 999);
      expect(gunzipSync(gz).equals(gunzipSync(Buffer.concat(pieces)))).toBe(true);
      expect(members > 1).toBe(count === 100_000);
      expect(sha256).toBe(createHash('sha256').update(lines).digest('hex'));
      const file = decodeFile(once(gz), { batchBytesMax: 1_000_000, batchLinesMax: 100_000 });
      let found = 0;
      for await (const batch of file) found += batch.lines;
      expect(found).toBe(count);
      expect((await file.integrity).status).toBe('sealed');
    },
  );

  it('has the same text where others need the processors, and pauses after each 64 KiB', async () => {
    const lines = linesOf(200_000);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const { gz } = await grown(lines, 999, { isShared: true, pause });
    expect(gunzipSync(gz).equals(gunzipSync((await grown(lines, 999)).gz))).toBe(true);
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(lines.length / 65_536) - 4); // none before the first piece of a block
  });

  it('compresses one block at a time where others need the processors', async () => {
    const lines = linesOf(200_000);
    const isFull = (isShared: boolean) => {
      const file = new GrowingFile(3, 2, { isShared, pause: () => undefined });
      return file.add(lines.subarray(0, 64 * 1024 + 2 * 1024 * 1024), 1) !== undefined;
    };
    expect([isFull(false), isFull(true)]).toEqual([false, true]);
  });

  it('fails with what ends a pause', async () => {
    const lines = linesOf(200_000);
    const pause = () => Promise.reject(new Error('SIGTERM'));
    await expect(grown(lines, 999, { isShared: true, pause })).rejects.toThrow('SIGTERM');
  });

  it('says its header in its first bytes', async () => {
    const lines = linesOf(100_000);
    const { gz } = await grown(lines, 1_000);
    expect(readHeader(gz.subarray(0, 4096))).toEqual(headerOf(lines));
  });

  it('refuses a header that says another number of lines', async () => {
    const file = new GrowingFile(3, 2, alone);
    await file.add(linesOf(3), 3);
    const { summary } = headerOf(linesOf(4));
    await expect(file.finish({ ...origin, summary })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });
});
