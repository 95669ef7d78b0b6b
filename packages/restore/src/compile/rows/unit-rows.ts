import { WriterMemory } from '@ceres/tsm';
import { ValueWords } from '../records/value-words';
import { RowMemory } from './row-memory';
import { SeriesTable } from './series-table';
import type { Measurement, Shape } from './shape';
import { TextHeap } from './text-heap';

/** What the rows of one database are made of: series, measurements and strings, all in memory, which is used again for the next one. */
export class UnitRows {
  series = new SeriesTable();
  readonly text = new TextHeap();
  readonly memory = new RowMemory();
  /** The memory of the files that rows are written to. */
  readonly files = new WriterMemory();
  /** The values of the record that is being read. */
  readonly values = new ValueWords();
  /** The last shape of each series. */
  readonly lastShapes: (Shape | undefined)[] = [];
  /** The number of the next record. */
  nextNumber = 0;
  /** The memory that rows take. */
  rowBytes = 0;
  readonly #measurements = new Map<string, Measurement>();

  /** The memory that all of it takes. */
  get sizeBytes(): number {
    return this.rowBytes + this.text.sizeBytes + this.series.sizeBytes;
  }

  /** Returns the measurement by its name as series keys have it. */
  measurement(escapedName: string, name: string): Measurement {
    let measurement = this.#measurements.get(escapedName);
    if (measurement === undefined) {
      measurement = { escapedName, name, shapes: new Map() };
      this.#measurements.set(escapedName, measurement);
    }
    return measurement;
  }

  /** Forgets everything, once it is written out and `ShardRows` are cleared. */
  clear(): void {
    this.series = new SeriesTable();
    this.text.clear();
    this.lastShapes.length = 0;
    this.nextNumber = 0;
    this.rowBytes = 0;
    this.#measurements.clear();
  }
}
