import type { ShardChoice } from '../compiled-shard';
import type { BatchOutcome } from '../records/batch-outcome';
import { UnitRows } from '../rows/unit-rows';
import type { WrittenShard } from '../shards/run';
import { type Route, Unit, type UnitSettings } from '../shards/unit';
import type { RightOfWay } from './right-of-way';

/** Takes what became of the records of a batch. */
export type OnOutcome = (outcome: BatchOutcome) => void;

/** A place where databases are compiled, one after the other: this thread, or another one. */
export interface UnitHost {
  /** Begins with a database. */
  begin(choice: ShardChoice): void;
  /** Says what the next records are. */
  open(route: Route): void;
  /**
   * Adds a batch of records, and resolves once another one can come. The memory of this one is free then, or, if all threads see it, once its
   * outcome came.
   *
   * @throws RestoreError `SCRATCH_FULL`; the signal's reason. Nothing can follow
   */
  add(bytes: Buffer, onOutcome: OnOutcome): Promise<void>;
  /** Resolves once `onOutcome` has got the outcome of every batch, batch by batch. */
  settled(): Promise<void>;
  /** Yields the shards of the database. No records of it can be added any more. */
  shards(): AsyncIterable<WrittenShard>;
  close(): Promise<void>;
}

interface LocalSettings extends Omit<UnitSettings, 'choice' | 'rows' | 'giveWay'> {
  /** Uploads take it. Default: this thread has none. */
  readonly way?: RightOfWay | undefined;
}

/** Compiles in this thread, and stands still while an upload is under way: a server keeps writers waiting for one. */
export class LocalHost implements UnitHost {
  readonly #settings: Omit<UnitSettings, 'choice' | 'rows'>;
  readonly #way: RightOfWay | undefined;
  readonly #rows = new UnitRows();
  #unit: Unit | undefined;

  constructor({ way, ...settings }: LocalSettings) {
    this.#settings = { ...settings, ...(way && { giveWay: () => way.giveWay() }) };
    this.#way = way;
  }

  begin(choice: ShardChoice): void {
    this.#unit = new Unit({ ...this.#settings, rows: this.#rows, choice });
  }

  open(route: Route): void {
    this.#begun().open(route);
  }

  async add(bytes: Buffer, onOutcome: OnOutcome): Promise<void> {
    await this.#way?.giveWay();
    onOutcome(await this.#begun().add(bytes));
  }

  async settled(): Promise<void> {}

  async *shards(): AsyncGenerator<WrittenShard> {
    const unit = this.#begun();
    this.#unit = undefined;
    await this.#way?.giveWay();
    for await (const shard of unit.finish()) {
      yield shard;
      await this.#way?.giveWay();
    }
  }

  async close(): Promise<void> {}

  #begun(): Unit {
    if (this.#unit === undefined) throw new TypeError('a database is begun before its records come');
    return this.#unit;
  }
}
