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
    rejected: async () => {
      const found: Record<string, string> = {};
      for (const name of await readdir(rejects, { recursive: true })) {
        if (name.endsWith('.rejects'))
          found[name.slice(0, -'.rejects'.length)] = await readFile(join(rejects, name), 'utf8');
      }
      return found;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
