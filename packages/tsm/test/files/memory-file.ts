import type { Column } from '../../src/column';
import type { ByteSink } from '../../src/files/byte-sink';
import { joinKey } from '../../src/files/key';
import { TsmWriter, type TsmWriterOptions } from '../../src/files/tsm-writer';

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
