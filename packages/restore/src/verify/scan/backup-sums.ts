import type { Precision } from '@ceres/lineproto';
import { type Column, Columns, measurementKey } from '../digest/columns';
import { Grid, type GridContent } from '../digest/grid';
import { addLastWrites } from './last-writes';
import { RecordParts } from './record-parts';
import { RecordScanner, type ScannedPolicy } from './record-scanner';
import { RecordShapes } from './record-shape';
import { RowSums } from './row-sums';

/** The sums of a backup: what was summed up, and the columns that its numbers stand for. */
export interface BackupSums {
  readonly columns: Columns;
  readonly grid: Grid;
}

/** Sums up the records of databases. Records of one database come in the order of their replay. */
export interface SummingUp {
  /**
   * Adds the records of a batch, and resolves once another one can come. The memory of this one is free then, or, if all threads see it,
   * once all are settled.
   */
  add(bytes: Buffer, policy: ScannedPolicy, precision: Precision): Promise<void>;
  /** Resolves once the memory of every batch is free. */
  settled(): Promise<void>;
  /** Resolves with the last write of every value. No records can be added any more. */
  finish(): Promise<readonly BackupSums[]>;
  close(): Promise<void>;
}

/** Sums as they go from one thread to another. */
export interface BackupSumsContent {
  readonly columns: readonly Column[];
  readonly grid: GridContent;
}

export function contentOfSums({ columns, grid }: BackupSums): BackupSumsContent {
  return { columns: columns.all(), grid: grid.content() };
}

export function sumsOfContent({ columns: all, grid }: BackupSumsContent): BackupSums {
  const columns = new Columns();
  for (const { database, retentionPolicy, measurement, field } of all) {
    columns.numberOf(measurementKey(database, retentionPolicy, measurement), field);
  }
  return { columns, grid: Grid.of(grid) };
}

/** Adds the sums of a thread to those of all. */
export function addSums({ columns, grid }: BackupSums, all: BackupSums): void {
  grid.addTo(all.grid, (column) => {
    const { database, retentionPolicy, measurement, field } = columns.get(column);
    return all.columns.numberOf(measurementKey(database, retentionPolicy, measurement), field);
  });
}

/** What the names of series may take in memory. Beyond, the scanners that know them begin again. */
const namesBytesMax = 64 * 1024 * 1024;

/** Sums up records in this thread. */
export class LocalSummingUp implements SummingUp {
  readonly #columns = new Columns();
  readonly #grid = new Grid();
  readonly #shapes = new RecordShapes(this.#columns);
  readonly #parts: RecordParts;
  readonly #scanners = new Map<string, RecordScanner>();

  constructor(scratchDir: string) {
    this.#parts = new RecordParts(scratchDir);
  }

  async add(bytes: Buffer, policy: ScannedPolicy, precision: Precision): Promise<void> {
    this.#scanner(policy).scan(bytes, precision);
    await this.#parts.spill();
  }

  async settled(): Promise<void> {}

  async finish(): Promise<readonly BackupSums[]> {
    this.#scanners.clear();
    const rows = new RowSums(this.#grid, 'backup');
    await this.#parts.visit((words) => addLastWrites(words, this.#shapes.all, this.#grid, { rows }));
    rows.flush();
    return [{ columns: this.#columns, grid: this.#grid }];
  }

  async close(): Promise<void> {
    await this.#parts.remove();
  }

  #scanner(policy: ScannedPolicy): RecordScanner {
    const key = JSON.stringify([policy.database, policy.name]);
    const all = [...this.#scanners.values()];
    if (all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > namesBytesMax) this.#scanners.clear();
    const scanner = this.#scanners.get(key) ?? new RecordScanner(policy, this.#shapes, this.#parts);
    this.#scanners.set(key, scanner);
    return scanner;
  }
}
