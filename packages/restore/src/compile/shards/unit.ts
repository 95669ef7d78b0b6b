import type { WriteAddress } from '../../replay/route/body';
import type { CompiledShard } from '../compiled-shard';
import { PolicyRows, type ShardChoice } from '../rows/policy-rows';
import type { ShardRows } from '../rows/shard-rows';
import { UnitRows } from '../rows/unit-rows';
import { compiledShard, mergeRuns, type Run, writeRun } from './run';
import type { ScratchFolder } from './scratch-folder';
import { RowGrouping } from './series-rows';
import { writeRows } from './write-rows';

/** More runs of one shard are merged before the end, because each is an open file then. */
const RUNS_MAX = 32;

export interface UnitSettings extends ShardChoice {
  readonly scratch: ScratchFolder;
  readonly memoryBytesMax: number;
  readonly signal: AbortSignal;
}

/** The shards of one database while its files are read. What does not fit into memory goes to the scratch folder as sorted runs. */
export class Unit {
  readonly database: string;
  readonly rows = new UnitRows();
  readonly #settings: UnitSettings;
  readonly #policies = new Map<string, PolicyRows>();
  readonly #runs = new Map<ShardRows, Run[]>();

  constructor(database: string, settings: UnitSettings) {
    this.database = database;
    this.#settings = settings;
  }

  /** Returns the rows of a policy. */
  policy(to: WriteAddress): PolicyRows {
    let policy = this.#policies.get(to.retentionPolicy);
    if (policy === undefined) {
      policy = new PolicyRows(to, this.#settings);
      this.#policies.set(to.retentionPolicy, policy);
    }
    return policy;
  }

  /** Writes the rows out if they take more memory than they may. */
  async spill(): Promise<void> {
    if (this.rows.sizeBytes > this.#settings.memoryBytesMax) await this.#writeOut();
  }

  /** Yields the shards, policy by policy, each in the order of times. No records can be added any more. */
  async *finish(): AsyncGenerator<CompiledShard> {
    await this.#writeOut();
    for (const shard of this.#shards()) {
      const runs = this.#runs.get(shard) ?? [];
      this.#runs.delete(shard);
      if (runs.length === 0) continue; // only records in conflict with types that the shard had before
      yield compiledShard(shard, await this.#one(runs));
    }
  }

  async #writeOut(): Promise<void> {
    const { scratch, signal } = this.#settings;
    const unit = this.rows;
    const order = unit.series.inKeyOrder();
    const ranks = new Uint32Array(order.length);
    for (let rank = 0; rank < order.length; rank += 1) ranks[order[rank] as number] = rank;
    const writing = { unit, ranks, grouping: new RowGrouping(order.length), signal };
    for (const shard of this.#shards()) {
      if (shard.rows.length === 0) continue;
      const run = await writeRun(scratch, (writer, tally) => writeRows(shard, writing, { writer, tally }));
      const runs = [...(this.#runs.get(shard) ?? []), run];
      shard.clear();
      this.#runs.set(shard, runs.length < RUNS_MAX ? runs : [await this.#one(runs)]);
    }
    unit.clear();
  }

  async #one(runs: readonly Run[]): Promise<Run> {
    const { scratch, signal } = this.#settings;
    const [first] = runs;
    return first !== undefined && runs.length === 1 ? first : await mergeRuns(scratch, runs, signal);
  }

  #shards(): ShardRows[] {
    return [...this.#policies.values()].flatMap(({ shards }) => shards);
  }
}
