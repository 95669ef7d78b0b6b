import { type Column, ColumnBuffer, type FieldType } from '../../column';
import { TsmError } from '../../errors';
import type { BlockList } from '../../files/index/block-list';
import { keyText } from '../../files/key';
import type { TsmReader } from '../../files/tsm-reader';
import { HIGH, LOW } from '../../words';
import type { ReadRange } from '../contract';
import { Lane } from './lane';

/** Merged points are handed on in columns of about this length, as long as a usual block. */
const COLUMN_POINTS = 1_000;
/** A stretch of this length is handed on without copying it. */
const STRETCH_POINTS = 250;

/**
 * Merges what several files and the WAL hold of one key. Where two hold a point of the same time, the one that was added later wins.
 * Used again for one key after another.
 */
export class KeyMerge {
  key: Uint8Array = new Uint8Array(0);
  type: FieldType = 'float';
  readonly #lanes: Lane[] = [];
  readonly #merged = new ColumnBuffer();
  #count = 0;
  #range: ReadRange = {};
  /** The lane whose whole column was handed on. */
  #handedOn: Lane | undefined;
  #from = '';

  /** Begins with another key. */
  begin(key: Uint8Array, range: ReadRange): void {
    this.key = key;
    this.#range = range;
    this.#count = 0;
    this.#handedOn = undefined;
  }

  /** Adds the blocks of a file. Old versions of InfluxDB wrote files in which blocks of a key overlap: these become several lanes. */
  addBlocks(reader: TsmReader, type: FieldType, blocks: BlockList): void {
    this.#checkType(type, reader.name);
    let from = 0;
    for (let i = 1; i <= blocks.length; i += 1) {
      if (i < blocks.length && blocks.follows(i)) continue;
      this.#lane().begin({ reader, key: this.key, type, blocks, from, to: i }, this.#count, this.#range);
      from = i;
    }
  }

  /** Adds points that are in memory. */
  addColumn(column: ColumnBuffer, name: string): void {
    this.#checkType(column.type, name);
    this.#lane().beginColumn(column, this.#count, this.#range);
  }

  /** Returns the next points in order of time, or `undefined` at the end. The column is valid until the next call. */
  async next(): Promise<Column | undefined> {
    this.#handedOn?.skipTo(this.#handedOn.column.length);
    this.#handedOn = undefined;
    const merged = this.#merged;
    merged.reset(this.type, 0);
    while (merged.length < COLUMN_POINTS) {
      const lane = this.#earliest();
      if (lane === undefined) break;
      if (!lane.isLoaded) {
        await lane.load();
        continue;
      }
      const rival = this.#earliest(lane);
      const end = rival === undefined ? lane.column.length : lane.indexOf(rival.headHigh, rival.headLow);
      if (end === lane.position) {
        // `rival` is not undefined: without one, the end is beyond the position.
        if (rival?.isLoaded) this.#resolve(lane, rival);
        else await rival?.load();
      } else if (lane.position === 0 && end === lane.column.length && (merged.length === 0 || end >= STRETCH_POINTS)) {
        if (merged.length > 0) break;
        this.#handedOn = lane;
        return lane.column;
      } else {
        merged.append(lane.column, lane.position, end);
        lane.skipTo(end);
      }
    }
    return merged.length > 0 ? merged : undefined;
  }

  /** Returns the lane with the earliest next point, apart from one. */
  #earliest(except?: Lane): Lane | undefined {
    let best: Lane | undefined;
    for (let i = 0; i < this.#count; i += 1) {
      const lane = this.#lanes[i] as Lane;
      if (!lane.hasNext || lane === except) continue;
      if (best === undefined || isEarlier(lane, best)) best = lane;
    }
    return best;
  }

  /** Takes points of which both lanes have one of the same time out of the lane of the lower rank. */
  #resolve(a: Lane, b: Lane): void {
    const [loser, winner] = a.rank < b.rank ? [a, b] : [b, a];
    const { timeWords: losing, length: losingLength } = loser.column;
    const { timeWords: winning, length: winningLength } = winner.column;
    let i = loser.position;
    let j = winner.position;
    while (
      i < losingLength &&
      j < winningLength &&
      losing[2 * i + LOW] === winning[2 * j + LOW] &&
      losing[2 * i + HIGH] === winning[2 * j + HIGH]
    ) {
      i += 1;
      j += 1;
    }
    loser.skipTo(i);
  }

  #lane(): Lane {
    const lane = this.#lanes[this.#count] ?? new Lane();
    this.#lanes[this.#count] = lane;
    this.#count += 1;
    return lane;
  }

  #checkType(type: FieldType, name: string): void {
    if (this.#count > 0 && type !== this.type) {
      throw new TsmError(
        'TYPE_CONFLICT',
        `The field ${keyText(this.key)} has the type ${this.type} in ${this.#from}, and ${type} in ${name}. InfluxDB cannot read such a shard: take it from a backup.`,
      );
    }
    this.type = type;
    this.#from = name;
  }
}

function isEarlier(a: Lane, b: Lane): boolean {
  return a.headHigh < b.headHigh || (a.headHigh === b.headHigh && a.headLow < b.headLow);
}
