import { setImmediate as turn } from 'node:timers/promises';
import type { WriteAddress } from '../../replay/route/body';
import { RecordFilter, type RecordFilterSettings } from '../../replay/route/record-filter';
import type { ShardChoice } from '../compiled-shard';
import type { BatchOutcome } from '../records/batch-outcome';
import { RecordReader } from '../records/record-reader';
import { PolicyRows } from '../rows/policy-rows';
import type { ShardRows } from '../rows/shard-rows';
import type { UnitRows } from '../rows/unit-rows';
import { mergeRuns, type Run, type RunSettings, type WrittenShard, writeRun } from './run';
import type { ScratchFolder } from './scratch-folder';
import { RowGrouping } from './series-rows';
import { type RowWriting, writeRows } from './write-rows';

/** More runs of one shard are merged before the end, because each is an open file then. */
const RUNS_MAX = 32;

/** Says where records go, and which of them: data, which can go to another thread. */
export interface Route {
  readonly to: WriteAddress;
  readonly filter: RecordFilterSettings;
}

export interface UnitSettings {
  /** Keeps the rows. It is empty, and so again in the end. */
  readonly rows: UnitRows;
  readonly scratch: ScratchFolder;
  /** The memory for rows. */
  readonly memoryBytesMax: number;
  readonly choice: ShardChoice;
  readonly signal: AbortSignal;
  /** Lets other work of this thread have its turn. Default: the next turn of the event loop. */
  readonly giveWay?: () => Promise<unknown>;
}

/** The shards of one database while its files are read. What does not fit into memory goes to the scratch folder as sorted runs. */
export class Unit {
  readonly #rows: UnitRows;
  readonly #runSettings: RunSettings;
  readonly #settings: UnitSettings;
  readonly #policies = new Map<string, PolicyRows>();
  readonly #runs = new Map<ShardRows, Run[]>();
  #reader: RecordReader | undefined;
  /** The series of what was written out. */
  #seriesWritten = 0;

  constructor(settings: UnitSettings) {
    this.#settings = settings;
    this.#rows = settings.rows;
    this.#runSettings = { scratch: settings.scratch, memory: settings.rows.files };
  }

  /** Says what the next records are. */
  open({ to, filter }: Route): void {
    const { precision } = to;
    const policy = this.#policy(to);
    this.#reader = new RecordReader({ unit: this.#rows, policy, filter: new RecordFilter(filter), precision });
  }

  /** Adds a batch of records, and writes the rows out if they take more memory than they may. */
  async add(bytes: Buffer): Promise<BatchOutcome> {
    if (this.#reader === undefined) throw new TypeError('records come after what says where they go');
    const outcome = this.#reader.add(bytes);
    if (this.#rows.sizeBytes > this.#settings.memoryBytesMax) await this.#writeOut();
    return outcome;
  }

  /** Yields the shards, policy by policy, each in the order of times. No records can be added any more. */
  async *finish(): AsyncGenerator<WrittenShard> {
    const writing = this.#writing();
    const databaseSeriesMax = this.#seriesWritten;
    for (const shard of this.#shards()) {
      await this.#writeShard(shard, writing);
      const runs = this.#runs.get(shard) ?? [];
      this.#runs.delete(shard);
      if (runs.length === 0) continue; // only records in conflict with types that the shard had before
      const { files, tally } = await this.#one(runs);
      const { place, records } = shard;
      yield { place, records, files, databaseSeriesMax, values: tally.values, measurements: tally.measurements() };
    }
    this.#rows.clear();
  }

  #policy(to: WriteAddress): PolicyRows {
    let policy = this.#policies.get(to.retentionPolicy);
    if (policy === undefined) {
      policy = new PolicyRows(to, this.#settings.choice, this.#rows.memory);
      this.#policies.set(to.retentionPolicy, policy);
    }
    return policy;
  }

  async #writeOut(): Promise<void> {
    const writing = this.#writing();
    for (const shard of this.#shards()) await this.#writeShard(shard, writing);
    this.#rows.clear();
  }

  #writing(): RowWriting {
    const unit = this.#rows;
    const { signal, giveWay = turn } = this.#settings;
    const order = unit.series.inKeyOrder();
    const ranks = new Uint32Array(order.length);
    this.#seriesWritten += order.length;
    for (let rank = 0; rank < order.length; rank += 1) ranks[order[rank] as number] = rank;
    return { unit, ranks, grouping: new RowGrouping(order.length), signal, giveWay };
  }

  async #writeShard(shard: ShardRows, writing: RowWriting): Promise<void> {
    if (shard.rows.length === 0) return;
    const run = await writeRun(this.#runSettings, (writer, tally) => writeRows(shard, writing, { writer, tally }));
    const runs = [...(this.#runs.get(shard) ?? []), run];
    shard.clear();
    this.#runs.set(shard, runs.length < RUNS_MAX ? runs : [await this.#one(runs)]);
  }

  async #one(runs: readonly Run[]): Promise<Run> {
    const [first] = runs;
    return first !== undefined && runs.length === 1
      ? first
      : await mergeRuns(this.#runSettings, runs, this.#settings.signal);
  }

  #shards(): ShardRows[] {
    return [...this.#policies.values()].flatMap(({ shards }) => shards);
  }
}
