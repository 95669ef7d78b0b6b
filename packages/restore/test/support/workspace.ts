import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for a journal and rejects. */
export interface Workspace {
  readonly folder: string;
  readonly journalFile: string;
  readonly rejectsDir: string;
  /** Reads all files of rejected records, by the key of the source file without `.gz`. */
  rejected(): Promise<Record<string, string>>;
  remove(): Promise<void>;
}

export async function openWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-restore-'));
  const rejects = join(folder, 'rejects');
  return {
    folder,
    journalFile: join(folder, 'restore.journal'),
    rejectsDir: rejects,
    rejected: () => rejectedIn(rejects),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Reads all files of rejected records in a folder, by the key of the source file without `.gz`. */
export async function rejectedIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith('.rejects'))
      found[name.slice(0, -'.rejects'.length)] = await readFile(join(folder, name), 'utf8');
  }
  return found;
}
