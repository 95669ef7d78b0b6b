import { encodeBlock } from '../../src/blocks/block';
import { ByteWriter } from '../../src/bytes';
import type { Column } from '../../src/column';
import { joinKey } from '../../src/files/key';
import type { ByteSink } from '../../src/files/write/byte-sink';
import { TsmWriter } from '../../src/files/write/tsm-writer';
import type { TsmWriterOptions } from '../../src/files/write/writer-options';
import { columnOf, type TestPoint } from '../columns';

/** Keeps what is written to it. */
export class MemorySink implements ByteSink {
  readonly #chunks: Uint8Array[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(bytes.slice());
  }
}

/** A field of a series, and its points. */
export type TestField = readonly [seriesKey: string, field: string, column: Column];

/** Returns the bytes of a TSM file with these fields, which are given in any order. */
export async function tsmBytes(fields: readonly TestField[], options?: TsmWriterOptions): Promise<Buffer> {
  const sink = new MemorySink();
  const writer = new TsmWriter(sink, options);
  const keyed = fields.map(([series, field, column]) => ({ key: keyOf(series, field), column }));
  for (const { key, column } of keyed.sort((a, b) => Buffer.compare(a.key, b.key))) await writer.write(key, column);
  await writer.finish();
  return sink.bytes;
}

export function keyOf(series: string, field: string): Uint8Array {
  return joinKey(Buffer.from(series), Buffer.from(field));
}

/** Returns the bytes of a TSM file with these blocks of one key, which no writer of ours orders like this. */
export function fileOfBlocks(key: Uint8Array, blocks: readonly (readonly TestPoint[])[]): Buffer {
  const out = new ByteWriter();
  const index = new ByteWriter();
  out.u32(0x16d116d1);
  out.u8(1);
  index.u16(key.length);
  index.write(key);
  index.reserve(3);
  index.u8(0);
  index.u16(blocks.length);
  for (const points of blocks) {
    const column = columnOf('float', points);
    const start = out.length;
    encodeBlock(column, 0, column.length, out);
    index.reserve(28);
    index.i64(points[0]?.[0] ?? 0n);
    index.i64(points.at(-1)?.[0] ?? 0n);
    index.i64(BigInt(start));
    index.u32(out.length - start);
  }
  const indexStart = out.length;
  out.write(index.written);
  out.reserve(8);
  out.i64(BigInt(indexStart));
  return Buffer.from(out.written);
}
