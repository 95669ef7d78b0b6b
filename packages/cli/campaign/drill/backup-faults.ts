import { readdir, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseKey } from '@ceres/storage';
import { plants } from '../planted/plant';
import type { Ground } from '../planted/write-backup';

/** The kinds of damage that `--planted` does to a backup, without its database. */
const ofBackups = [
  'flipped bit',
  'cut file',
  'lost file',
  'lost newest file',
  'lost day',
  'lying summary',
  'foreign file',
  'duplicate under another key',
] as const;

/** One fault of a backup, and the text by which a reason names it. */
export interface PlantedFault {
  readonly kind: string;
  readonly name: string;
}

export const faultKinds: readonly string[] = [...ofBackups, 'cut heartbeat'];

/** Plants one fault into a backup that is whole. */
export async function plantFault(kind: string, ground: Ground): Promise<PlantedFault> {
  if (kind === 'cut heartbeat') return await cutHeartbeat(ground);
  const planted = await plants[kind]?.(ground);
  if (planted === undefined) throw new Error(`There is no fault '${kind}'.`);
  return { kind, name: nameIn(planted.what, kind) };
}

/** A file is named by its key; lost files, and those that no ledger names, by their database and policy. */
function nameIn(what: string, kind: string): string {
  const parts = parseKey(what);
  if (parts === undefined) return what.replace(/^\d+ files of /, '');
  return kind === 'duplicate under another key' ? `${parts.database}.${parts.retentionPolicy}` : what;
}

/** Cuts a heartbeat of a sink's newest day: the days before are restated as a whole, and then what they were made of counts no more. */
async function cutHeartbeat({ root, random }: Ground): Promise<PlantedFault> {
  const folder = join(root, '~heartbeat');
  const all = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.gz')).sort();
  const newestDays = new Map(all.map((name) => [dirname(dirname(name)), dirname(name)]));
  const names = all.filter((name) => newestDays.get(dirname(dirname(name))) === dirname(name));
  const name = names[Math.floor(random() * names.length)] ?? '';
  const path = join(folder, name);
  await truncate(path, 20 + Math.floor(random() * ((await stat(path)).size - 21)));
  return { kind: 'cut heartbeat', name: '~heartbeat/' };
}
