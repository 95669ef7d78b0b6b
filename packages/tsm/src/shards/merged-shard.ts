import type { TsmReader } from '../files/tsm-reader';
import type { KnownNames } from '../names/known-names';
import { check } from '../options';
import type { FieldColumn, PointBatch, ReadRange, Shard } from './contract';
import { ColumnWalk } from './merge/column-walk';
import { KeyMerge } from './merge/key-merge';
import { KeyWalk } from './merge/key-walk';
import { readPoints } from './points/read-points';
import type { WalCut } from './wal/read-wal';
import type { WalContent } from './wal/wal-content';

/** What a shard is merged from. */
export interface ShardContent {
  /** Later ones win. */
  readonly readers: readonly TsmReader[];
  readonly wal: WalContent;
  /** What each key that has points is held against. */
  readonly names: KnownNames | undefined;
}

/** A shard that is open. */
export class MergedShard implements Shard {
  readonly walCuts: readonly WalCut[];
  readonly close: () => Promise<void>;
  readonly #content: ShardContent;

  constructor(content: ShardContent, walCuts: readonly WalCut[], close: () => Promise<void>) {
    this.#content = content;
    this.walCuts = walCuts;
    this.close = close;
  }

  async *columns(range: ReadRange = {}): AsyncGenerator<FieldColumn> {
    const walk = this.#walk(range);
    for (;;) {
      const next = walk.next();
      const column = next instanceof Promise ? await next : next;
      if (column === undefined) return;
      yield column;
    }
  }

  async visitColumns(visit: (column: FieldColumn) => void | Promise<void>, range: ReadRange = {}): Promise<void> {
    const walk = this.#walk(range);
    for (;;) {
      const next = walk.next();
      const column = next instanceof Promise ? await next : next;
      if (column === undefined) return;
      const visiting = visit(column);
      if (visiting !== undefined) await visiting;
    }
  }

  points(range: ReadRange = {}): AsyncGenerator<PointBatch> {
    checkRange(range);
    const { readers, wal, names } = this.#content;
    return readPoints(new KeyWalk(readers, wal), range, names);
  }

  #walk(range: ReadRange): ColumnWalk {
    checkRange(range);
    const { readers, wal, names } = this.#content;
    return new ColumnWalk(new KeyWalk(readers, wal), new KeyMerge(names), range);
  }
}

function checkRange(range: ReadRange): void {
  check.names('ReadRange', range, ['from', 'to']);
  for (const [name, value] of Object.entries(range)) {
    check.that(value === undefined || typeof value === 'bigint', name, 'a bigint of nanoseconds', value);
  }
}
