import type { Column, FieldType } from '../../column';
import { ColumnBuffer } from '../../column';
import type { KnownNames } from '../../names/known-names';
import { HIGH, LOW } from '../../words';
import type { BatchField } from '../contract';
import { KeyMerge } from '../merge/key-merge';

/** The most points in a batch. */
export const BATCH_POINTS: number = 1_000;

/** One field of the current series: its merged points, of which the next is number `position` of `column`. */
export class FieldStream implements BatchField {
  readonly merge: KeyMerge;
  rows: Int32Array = new Int32Array(0);
  /** Its place among the fields of the series. */
  place = 0;
  /** How many entries of `rows` are set in the batch that is being filled; -1 if the field has no value in it yet. */
  filled = -1;
  name: Uint8Array = new Uint8Array(0);
  column: Column = new ColumnBuffer();
  position = 0;
  hasNext = false;
  /** The words of the time of the next point; the high word is signed. */
  headHigh = 0;
  headLow = 0;

  constructor(names: KnownNames | undefined) {
    this.merge = new KeyMerge(names);
  }

  /** Makes room for the rows of a batch of this many points. */
  reserve(points: number): void {
    if (points > this.rows.length) this.rows = new Int32Array(points);
  }

  get type(): FieldType {
    return this.merge.type;
  }

  /** Takes the next column. Returns a promise only if something must be read first. */
  load(): Promise<void> | undefined {
    const column = this.merge.next();
    if (column instanceof Promise) return column.then((read) => this.#take(read));
    this.#take(column);
    return undefined;
  }

  #take(column: Column | undefined): void {
    this.hasNext = column !== undefined;
    if (column === undefined) return;
    this.column = column;
    this.position = 0;
    this.setHead();
  }

  setHead(): void {
    this.headHigh = (this.column.timeWords[2 * this.position + HIGH] as number) | 0;
    this.headLow = this.column.timeWords[2 * this.position + LOW] as number;
  }
}
