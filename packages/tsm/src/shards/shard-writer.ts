import type { Column } from '../column';
import { tsmFileName } from '../files/file-name';
import type { ByteSink } from '../files/write/byte-sink';
import { TsmWriter } from '../files/write/tsm-writer';
import { WriterMemory } from '../files/write/writer-memory';
import { resolveWriterOptions, type TsmWriterOptions } from '../files/write/writer-options';
import { check } from '../options';

/** A file that a `ShardWriter` writes. */
export interface TsmFileSink extends ByteSink {
  /** Resolves when the file is complete where it goes to. */
  end(): Promise<void>;
}

/** What limits the files of a shard, and how they are named. Format: docs/storage-engine.md, "Snapshot service", on uploads. */
export interface ShardWriterOptions extends TsmWriterOptions {
  /** The generation in the names. Default: 0, over which everything that InfluxDB wrote itself wins. */
  readonly generation?: number;
  /**
   * The first sequence in the names, and how far each is from the one before. Default: 1,000. influxd names the file that it compacts
   * from these by the highest sequence plus 1: it must not be taken by a later upload.
   */
  readonly sequenceStep?: number;
}

/** Writes the TSM files of one shard: another file begins when one is full. Format: docs/storage-engine.md, "TSM file". */
export class ShardWriter {
  readonly #open: (name: string) => Promise<TsmFileSink>;
  readonly #options: TsmWriterOptions;
  readonly #generation: number;
  readonly #sequenceStep: number;
  readonly #names: string[] = [];
  readonly #memory: WriterMemory;
  #file: { readonly sink: TsmFileSink; readonly writer: TsmWriter } | undefined;

  /**
   * @param open begins a file with the given name, such as `000000000-000001000.tsm`
   * @param memory used again for one file after another, also by the next writer once this one has finished
   * @throws TsmError `INVALID_OPTIONS`
   */
  constructor(
    open: (name: string) => Promise<TsmFileSink>,
    options: ShardWriterOptions = {},
    memory: WriterMemory = new WriterMemory(),
  ) {
    const { generation = 0, sequenceStep = 1_000, ...limits } = options;
    this.#generation = check.wholeNumber('generation', generation, { min: 0, max: 999_999_999 });
    this.#sequenceStep = check.wholeNumber('sequenceStep', sequenceStep, { min: 1, max: 1_000_000 });
    this.#open = open;
    this.#options = limits;
    resolveWriterOptions(limits); // Refuses wrong limits now, not at the first point.
    this.#memory = memory;
  }

  /**
   * Writes points of a key. Keys come in the order of their bytes; the points of one key may come in several calls, in order of time.
   *
   * @param key see `joinKey`
   * @throws TsmError `INVALID_POINTS`
   */
  async write(key: Uint8Array, column: Column): Promise<void> {
    if (this.#file?.writer.isFull) await this.#end();
    for (let at = 0; at < column.length; ) {
      this.#file ??= await this.#begin();
      at = await this.#file.writer.write(key, column, at);
      if (at < column.length || this.#file.writer.isFull) await this.#end();
    }
  }

  /**
   * Writes points as `write` does, but at once, if they fit into one block and into the file that has begun.
   *
   * @returns false if `write` has to be called instead: nothing was written
   * @throws TsmError `INVALID_POINTS`
   */
  add(key: Uint8Array, column: Column): boolean {
    return this.#file?.writer.add(key, column) ?? false;
  }

  /** Completes the last file, and returns the names of all, in the order of their keys. Without points there are none. */
  async finish(): Promise<readonly string[]> {
    await this.#end();
    return this.#names;
  }

  async #begin(): Promise<{ readonly sink: TsmFileSink; readonly writer: TsmWriter }> {
    const name = tsmFileName({
      generation: this.#generation,
      sequence: (this.#names.length + 1) * this.#sequenceStep,
    });
    const sink = await this.#open(name);
    this.#names.push(name);
    return { sink, writer: new TsmWriter(sink, this.#options, this.#memory) };
  }

  async #end(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.writer.finish();
    await file?.sink.end();
  }
}
