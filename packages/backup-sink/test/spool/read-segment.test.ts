import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type FileHandle, type FileSystem, nodeFileSystem } from '@ceres/internal';
import { expect, it } from 'vitest';
import { toSpoolPartition } from '../../src/spool/layout';
import { BufferPool } from '../../src/spool/segment/buffer-pool';
import { FrameBuffer, runningCrc } from '../../src/spool/segment/frame';
import { formatSegmentHeader } from '../../src/spool/segment/header';
import { SegmentDamage, withSegment } from '../../src/spool/segment/read-segment';
import { line, temporaryDirectory, to } from '../sink-harness';

/** A segment of frames of very different sizes, of more than one block, and its lines. */
async function segmentOf(frameLines: readonly number[]) {
  const directory = await temporaryDirectory();
  const origin = { precision: 's', writer: 'w', sequence: 1n, policy: undefined } as const;
  const header = Buffer.from(formatSegmentHeader(toSpoolPartition(directory, to, false), origin));
  const pool = new BufferPool();
  const parts: Uint8Array[] = [header];
  const lines: Buffer[] = [];
  let crcBefore = runningCrc(header);
  let n = 0;
  for (const count of frameLines) {
    const text = Buffer.from(Array.from({ length: count }, () => line(n++)).join(''));
    const frame = new FrameBuffer(pool, text.byteLength);
    frame.append(text);
    const finished = frame.finish(crcBefore);
    parts.push(Buffer.concat(finished.parts));
    lines.push(text);
    crcBefore = finished.crc;
  }
  const path = join(directory, 'segment.lp');
  const content = Buffer.concat(parts);
  await writeFile(path, content);
  return { path, sizeBytes: content.byteLength, lines: Buffer.concat(lines) };
}

/** Takes each block only when the one after it is there already, as a reader does that is one block ahead. */
async function readOneAhead(blocks: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<Buffer> {
  const taken: Buffer[] = [];
  let before: Uint8Array | undefined;
  for await (const block of blocks) {
    if (before !== undefined) taken.push(Buffer.from(before));
    before = block;
  }
  return Buffer.concat([...taken, ...(before === undefined ? [] : [before])]);
}

async function readAll(fs: FileSystem, path: string, sizeBytes: number): Promise<Buffer> {
  return await withSegment(fs, path, sizeBytes, async (segment) =>
    segment === undefined ? Buffer.alloc(0) : await readOneAhead(segment.upTo(sizeBytes).lines()),
  );
}

it.each([
  ['large frames', Array.from({ length: 9 }, () => 16_000)],
  ['small frames, whose labels fall on the ends of blocks', Array.from({ length: 40_000 }, (_, i) => 1 + (i % 3))],
  ['one large frame', [140_000]],
])('blocks stay as they are until the one after the next is asked for: %s', async (_, frameLines) => {
  const { path, sizeBytes, lines } = await segmentOf(frameLines);
  expect(sizeBytes).toBeGreaterThan(3 * 1024 * 1024);
  expect((await readAll(nodeFileSystem, path, sizeBytes)).equals(lines)).toBe(true);
});

it('a segment reads the same if the disk gives five bytes at a time, so that a block may hold only part of a label', async () => {
  const { path, sizeBytes, lines } = await segmentOf([1, 200, 3]);
  const slow: FileSystem = {
    ...nodeFileSystem,
    open: async (...args) => {
      const handle = await nodeFileSystem.open(...args);
      return Object.assign(Object.create(handle) as FileHandle, {
        read: (buffer: Uint8Array, offset: number, length: number, position: number | null) =>
          handle.read(buffer, offset, Math.min(5, length), position),
        close: () => handle.close(),
      });
    },
  };
  expect((await readAll(slow, path, sizeBytes)).equals(lines)).toBe(true);
});

it('lines that are read unverified are the same, and their CRC follows from that of the last frame', async () => {
  const { path, sizeBytes, lines } = await segmentOf([1, 40_000, 3, 7]);
  await withSegment(nodeFileSystem, path, sizeBytes, async (segment) => {
    const unverified = segment?.upTo(sizeBytes).unverifiedLines();
    expect(unverified && (await readOneAhead(unverified.chunks)).equals(lines)).toBe(true);
    expect(unverified?.crc()).toBe(crc32(lines));
  });
});

it('lines that are read unverified end with an error if a frame is cut', async () => {
  const { path, sizeBytes } = await segmentOf([100, 100]);
  await withSegment(nodeFileSystem, path, sizeBytes - 1, async (segment) => {
    const unverified = segment?.upTo(sizeBytes - 1).unverifiedLines();
    await expect(readOneAhead(unverified?.chunks ?? [])).rejects.toThrow(SegmentDamage);
  });
});
