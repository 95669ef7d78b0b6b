import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/files/byte-source';
import { TsmReader } from '../../src/files/tsm-reader';
import { openShard } from '../../src/shards/open-shard';
import { ShardWriter, type ShardWriterOptions } from '../../src/shards/shard-writer';
import { columnOf, pointsOf, type TestPoint } from '../columns';
import { keyOf, MemorySink } from '../files/memory-file';

class EndingSink extends MemorySink {
  isEnded = false;

  async end(): Promise<void> {
    this.isEnded = true;
  }
}

/** Keeps the files of a shard in memory. */
function memoryShard(options?: ShardWriterOptions) {
  const files = new Map<string, EndingSink>();
  const writer = new ShardWriter(async (name) => {
    const sink = new EndingSink();
    files.set(name, sink);
    return sink;
  }, options);
  return { files, writer };
}

const ramp = (length: number) =>
  columnOf(
    'integer',
    Array.from({ length }, (_, i): TestPoint => [BigInt(i), BigInt(i * i)]),
  );

describe('a writer of shards', () => {
  it('begins another file when one is full, also within a key, and loses no point', async () => {
    const { files, writer } = memoryShard({ fileBytesMax: 3_000, blockPointsMax: 100 });
    const fields = ['a', 'b', 'c'];
    for (const field of fields) await writer.write(keyOf('m', field), ramp(1_500));
    const names = await writer.finish();
    expect(names.length).toBeGreaterThan(2);
    expect(names.slice(0, 2)).toEqual(['000000000-000001000.tsm', '000000000-000002000.tsm']);
    expect([...files.keys()]).toEqual(names);
    for (const { bytes, isEnded } of files.values()) {
      expect(isEnded).toBe(true);
      expect(bytes.length).toBeLessThan(4_000);
    }
    const shard = await openShard({
      files: [...files].map(([name, { bytes }]) => ({ name, source: bytesSource(name, bytes) })),
    });
    const read = new Map<string, unknown[]>();
    for await (const { field, column } of shard.columns()) {
      const name = Buffer.from(field).toString();
      read.set(name, [...(read.get(name) ?? []), ...pointsOf(column)]);
    }
    expect([...read]).toEqual(fields.map((field) => [field, pointsOf(ramp(1_500))]));
  });

  it('writes a column that fits into a block at once, and refuses the same as when it waits', async () => {
    const options = { fileBytesMax: 1_000, blockPointsMax: 100 };
    const [waiting, atOnce] = [memoryShard(options), memoryShard(options)];
    const added: boolean[] = [];
    const lengths = [100, 60, 101, 100, 1, 100, 100, 100, 100];
    for (const [i, length] of lengths.entries()) {
      const [key, column] = [keyOf('m', `f${i}`), ramp(length)];
      await waiting.writer.write(key, column);
      added.push(atOnce.writer.add(key, column));
      if (added.at(-1) === false) await atOnce.writer.write(key, column);
    }
    expect(() => atOnce.writer.add(keyOf('m', 'f0'), ramp(1))).toThrow('Expected keys in order');
    const names = await waiting.writer.finish();
    expect(names.length).toBeGreaterThan(1);
    expect(await atOnce.writer.finish()).toEqual(names);
    for (const name of names) expect(atOnce.files.get(name)?.bytes).toEqual(waiting.files.get(name)?.bytes);
    // No file has begun; it is larger than a block; the rest fits.
    expect(added.slice(0, 4)).toEqual([false, true, false, true]);
  });

  it('continues a key with more than 65,535 blocks in another file', async () => {
    const { files, writer } = memoryShard({ blockPointsMax: 1, generation: 7, sequenceStep: 2 });
    await writer.write(keyOf('m', 'f'), ramp(65_540));
    expect(await writer.finish()).toEqual(['000000007-000000002.tsm', '000000007-000000004.tsm']);
    const counts = await Promise.all(
      Array.from(
        files.values(),
        async ({ bytes }) =>
          (await (await TsmReader.open(bytesSource('a', bytes))).find(keyOf('m', 'f')))?.blocks.length,
      ),
    );
    expect(counts).toEqual([65_535, 5]);
  });

  it('writes no file without points, and refuses impossible limits before the first one', async () => {
    expect(await memoryShard().writer.finish()).toEqual([]);
    const { files, writer } = memoryShard();
    await writer.write(keyOf('m', 'f'), ramp(0));
    expect([...(await writer.finish()), ...files.keys()]).toEqual([]);
    expect(() => memoryShard({ fileBytesMax: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(() => memoryShard({ generation: 1.5 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});
