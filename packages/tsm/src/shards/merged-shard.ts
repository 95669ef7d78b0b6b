import { KeySplitter } from '../files/key';
import type { TsmReader } from '../files/tsm-reader';
import type { KnownNames } from '../names/known-names';
import { check } from '../options';
import type { FieldColumn, PointBatch, ReadRange, Shard } from './contract';
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
    checkRange(range);
    const { readers, wal, names } = this.#content;
    const walk = new KeyWalk(readers, wal);
    const merge = new KeyMerge(names);
    const splitter = new KeySplitter();
    for (;;) {
      const moved = walk.next();
      const key = moved instanceof Promise ? await moved : moved;
      if (key === undefined) return;
      walk.collect(merge, range);
      const { seriesKey, field } = splitter.split(key);
      for (;;) {
        const merged = merge.next();
        const column = merged instanceof Promise ? await merged : merged;
        if (column === undefined) break;
        yield { seriesKey, field, column };
      }
    }
  }

  points(range: ReadRange = {}): AsyncGenerator<PointBatch> {
    checkRange(range);
    const { readers, wal, names } = this.#content;
    return readPoints(new KeyWalk(readers, wal), range, names);
  }
}

function checkRange(range: ReadRange): void {
  check.names('ReadRange', range, ['from', 'to']);
  for (const [name, value] of Object.entries(range)) {
    check.that(value === undefined || typeof value === 'bigint', name, 'a bigint of nanoseconds', value);
  }
}
