import { utcDay } from '@ceres/internal';
import type { KeyParts, ObjectInfo } from '@ceres/storage';
import { openedMsIn } from '@ceres/storage/internal';
import type { PlannedFile } from './types';

/** A planned file, with what determines its place in the replay. */
export interface OrderedFile extends PlannedFile {
  readonly day: string;
  /** Its records switch between policies. */
  readonly mixed: boolean;
  /** When the file was opened, ms since the epoch. */
  readonly openedMs: number;
  /** The name does not say when the file was opened (no UUIDv7, or one of another day): `openedMs` is the best guess. */
  readonly weak: boolean;
}

/** Returns a listed file with its place in the replay. */
export function orderedFile(parts: KeyParts, { key, sizeBytes, createdMs }: ObjectInfo): OrderedFile {
  const { instance, database, retentionPolicy, day, id, mixed = false } = parts;
  const named = openedMsIn(id);
  const openedMs = named ?? createdMs;
  const weak = named === undefined || utcDay(openedMs) !== day;
  const place = { day, openedMs, weak };
  return { key, id, sizeBytes, instance, database, retentionPolicy: retentionPolicy ?? '', mixed, ...place };
}

/** Compares two files of one order unit by when they were opened, which is the order to replay them in. */
export function compareFiles(a: OrderedFile, b: OrderedFile): number {
  return compareText(a.day, b.day) || a.openedMs - b.openedMs || compareText(a.id, b.id) || compareText(a.key, b.key);
}

/** Compares by UTF-16 units, as everywhere in this package, and never by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
