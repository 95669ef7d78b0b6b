import { type Column, ColumnBuffer, type FieldType } from '../../column';
import { TsmError } from '../../errors';
import type { BlockList } from '../../files/index/block-list';
import { keyText } from '../../files/key';
import type { TsmReader } from '../../files/tsm-reader';
import type { KnownNames } from '../../names/known-names';
import { HIGH, LOW } from '../../words';
import type { ReadRange } from '../contract';
import { Lane } from './lane';
import { LeastFirst } from './least-first';

/** Merged points are handed on in columns of about this length, as long as a usual block. */
const COLUMN_POINTS = 1_000;
/** A stretch of this length is handed on without copying it. */
const STRETCH_POINTS = 250;

type Merged = Column | undefined;

/**
 * Merges what several files and the WAL hold of one key. Where two hold a point of the same time, the one that was added later wins.
 * Used again for one key after another.
 */
export class KeyMerge {
  key: Uint8Array = new Uint8Array(0);
  type: FieldType = 'float';
  readonly #names: KnownNames | undefined;
  readonly #lanes: Lane[] = [];
  /** The lanes with points left, by the time of their next one. */
  readonly #waiting = new LeastFirst<Lane>(isBefore);
  readonly #merged = new ColumnBuffer();
  #count = 0;
  #range: ReadRange = {};
  /** The lane whose whole column was handed on. */
  #handedOn: Lane | undefined;
  #from = '';
  #isKnown = false;

  /** @param names are held against each key that has points */
  constructor(names?: KnownNames) {
    this.#names = names;
  }

  /** Begins with another key. */
  begin(key: Uint8Array, range: ReadRange): void {
    this.key = key;
    this.#range = range;
    this.#count = 0;
    this.#waiting.clear();
    this.#handedOn = undefined;
    this.#isKnown = false;
  }

  /** Adds the blocks of a file. Old versions of InfluxDB wrote files in which blocks of a key overlap: these become several lanes. */
  addBlocks(reader: TsmReader, type: FieldType, blocks: BlockList): void {
    this.#checkType(type, reader.name);
    let from = 0;
    for (let i = 1; i <= blocks.length; i += 1) {
      if (i < blocks.length && blocks.follows(i)) continue;
      const lane = this.#lane();
      lane.begin({ reader, key: this.key, type, blocks, from, to: i }, this.#count, this.#range);
      if (lane.hasNext) this.#waiting.add(lane);
      from = i;
    }
  }

  /** Adds points that are in memory. */
  addColumn(column: ColumnBuffer, name: string): void {
    this.#checkType(column.type, name);
    const lane = this.#lane();
    lane.beginColumn(column, this.#count, this.#range);
    if (lane.hasNext) this.#waiting.add(lane);
  }

  /**
   * Returns the next points in order of time, or `undefined` at the end; a promise only if a block must be read first. The column is
   * valid until the next call.
   *
   * @throws TsmError `DAMAGED`: a block cannot be read, or what is known of names contradicts the key
   */
  next(): Merged | Promise<Merged> {
    const waiting = this.#waiting;
    if (this.#handedOn !== undefined) {
      this.#handedOn.skipTo(this.#handedOn.column.length);
      waiting.moveFirst(this.#handedOn.hasNext);
      this.#handedOn = undefined;
    }
    this.#merged.reset(this.type, 0);
    return this.#fill();
  }

  #fill(): Merged | Promise<Merged> {
    const waiting = this.#waiting;
    const merged = this.#merged;
    while (merged.length < COLUMN_POINTS) {
      const lane = waiting.first;
      if (lane === undefined) break;
      if (!lane.isLoaded) {
        const loading = lane.load();
        if (loading !== undefined) return loading.then(() => this.#fillAfter(lane));
        waiting.moveFirst(lane.hasNext);
        continue;
      }
      const rival = waiting.second;
      const end = rival === undefined ? lane.column.length : lane.indexOf(rival.headHigh, rival.headLow);
      if (end === lane.position && rival !== undefined) {
        // A block that is not decoded yet may turn out to have no point of that time.
        const loading = rival.isLoaded ? resolve(lane, rival) : rival.load();
        if (loading !== undefined) return loading.then(() => this.#fillAfter(lane, rival));
        this.#reorder(lane, rival);
      } else if (lane.position === 0 && end === lane.column.length && this.#isHandedOn(lane, rival)) {
        if (merged.length > 0) break;
        this.#handedOn = lane;
        this.#requireName();
        return lane.column;
      } else {
        merged.append(lane.column, lane.position, end);
        lane.skipTo(end);
        waiting.moveFirst(lane.hasNext);
      }
    }
    if (merged.length === 0) return undefined;
    this.#requireName();
    return merged;
  }

  /** Says whether a whole column is handed on as it is: a long one, or the only one of its key. */
  #isHandedOn({ column, isAtLastBlock }: Lane, rival: Lane | undefined): boolean {
    return column.length >= STRETCH_POINTS || (this.#merged.length === 0 && rival === undefined && isAtLastBlock);
  }

  #fillAfter(lane: Lane, rival?: Lane): Merged | Promise<Merged> {
    this.#reorder(lane, rival);
    return this.#fill();
  }

  #reorder(lane: Lane, rival: Lane | undefined): void {
    if (rival !== undefined) this.#waiting.moveSecond(rival.hasNext);
    this.#waiting.moveFirst(lane.hasNext);
  }

  /** A key all of whose points are deleted may be one that no one knows any more. */
  #requireName(): void {
    if (!this.#isKnown) this.#names?.requireKey(this.key, this.type);
    this.#isKnown = true;
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

function isBefore(a: Lane, b: Lane): boolean {
  if (a.headHigh !== b.headHigh) return a.headHigh < b.headHigh;
  return a.headLow < b.headLow || (a.headLow === b.headLow && a.rank < b.rank);
}

/** Takes points of which both lanes have one of the same time out of the lane of the lower rank, the first. */
function resolve(loser: Lane, winner: Lane): undefined {
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
