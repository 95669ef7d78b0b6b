import type { KeyParts, ObjectInfo } from '@ceres/storage';
import type { PlannedFile } from './types';

/** A planned file with what its place in the replay is judged by. */
export interface OrderedFile extends PlannedFile {
  readonly day: string;
  /** ms since the epoch. */
  readonly openedMs: number;
  /** Its name does not say when it was opened (no UUIDv7, or under another day): `openedMs` is the best guess. */
  readonly weak: boolean;
}

const uuidV7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function orderedFile(parts: KeyParts, { key, sizeBytes, createdMs }: ObjectInfo): OrderedFile {
  const { instance, database, retentionPolicy, day, id } = parts;
  const named = uuidV7.exec(id);
  const openedMs = named ? Number.parseInt(`${named[1]}${named[2]}`, 16) : createdMs;
  const weak = !named || dayOf(openedMs) !== day;
  return { key, id, sizeBytes, instance, database, retentionPolicy: retentionPolicy ?? '', day, openedMs, weak };
}

/** The order in which files of one order unit were opened, and so must be replayed. */
export function compareFiles(a: OrderedFile, b: OrderedFile): number {
  return compareText(a.day, b.day) || a.openedMs - b.openedMs || compareText(a.id, b.id) || compareText(a.key, b.key);
}

/** YYYYMMDD in UTC. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}

/** By UTF-16 units, as everywhere in this package: never by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
