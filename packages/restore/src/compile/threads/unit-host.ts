import type { ShardChoice } from '../compiled-shard';
import type { BatchOutcome } from '../records/batch-outcome';
import { UnitRows } from '../rows/unit-rows';
import type { WrittenShard } from '../shards/run';
import { type Route, Unit, type UnitSettings } from '../shards/unit';

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

/** Compiles in this thread. */
export class LocalHost implements UnitHost {
  readonly #settings: Omit<UnitSettings, 'choice' | 'rows'>;
  readonly #rows = new UnitRows();
  #unit: Unit | undefined;

  constructor(settings: Omit<UnitSettings, 'choice' | 'rows'>) {
    this.#settings = settings;
  }

  begin(choice: ShardChoice): void {
    this.#unit = new Unit({ ...this.#settings, rows: this.#rows, choice });
  }

  open(route: Route): void {
    this.#begun().open(route);
  }

  async add(bytes: Buffer, onOutcome: OnOutcome): Promise<void> {
    onOutcome(await this.#begun().add(bytes));
  }

  async settled(): Promise<void> {}

  shards(): AsyncIterable<WrittenShard> {
    const unit = this.#begun();
    this.#unit = undefined;
    return unit.finish();
  }

  async close(): Promise<void> {}

  #begun(): Unit {
    if (this.#unit === undefined) throw new TypeError('a database is begun before its records come');
    return this.#unit;
  }
}
