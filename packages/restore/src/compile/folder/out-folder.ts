import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errnoOf, remedyOf } from '@ceres/internal';
import { PortableWriter, type StorageMeta, TsmError, tsmFileName } from '@ceres/tsm';
import { RestoreError } from '../../errors';
import type { CompiledShard } from '../compiled-shard';

/** The folder that a compiled backup goes into. */
export class OutFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Creates the folder, or takes an empty one: `influxd restore` would load what else lies there, too.
   *
   * @throws RestoreError `OUT_REFUSED`
   */
  static async open(path: string): Promise<OutFolder> {
    const folder = resolve(path);
    await orRefused(folder, () => mkdir(folder, { recursive: true }));
    const [other] = await orRefused(folder, () => readdir(folder));
    if (other === undefined) return new OutFolder(folder);
    const problem = `The folder ${folder} is not empty: it holds ${other}.`;
    throw new RestoreError('OUT_REFUSED', `${problem} Give an empty one, or one to create, as out (--out).`);
  }

  writer(stampMs: number, isPart: boolean): PortableWriter {
    return new PortableWriter(this.#path, { stampMs, limited: isPart });
  }

  /**
   * Adds a shard under its number in the metadata.
   *
   * @throws RestoreError `OUT_REFUSED`
   */
  async add(writer: PortableWriter, { database, retentionPolicy, files }: CompiledShard, id: number): Promise<void> {
    const opened: { readonly name: string; readonly source: Awaited<ReturnType<(typeof files)[0]['open']>> }[] = [];
    try {
      for (const { sequence, open } of files) {
        opened.push({ name: tsmFileName({ generation: 0, sequence }), source: await open() });
      }
      await orRefused(this.#path, () => writer.add({ database, retentionPolicy, id }, opened));
    } finally {
      for (const { source } of opened) await source.close();
    }
  }

  /**
   * Writes the metadata, and returns its size in bytes.
   *
   * @throws RestoreError `OUT_REFUSED`
   */
  async finish(writer: PortableWriter, meta: StorageMeta): Promise<number> {
    return await orRefused(this.#path, () => writer.finish(meta));
  }
}

async function orRefused<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof TsmError && error.code !== 'UNWRITABLE') throw error;
    if (!(error instanceof TsmError) && errnoOf(error) === undefined) throw error;
    const problem = `The folder ${folder} cannot be written (${(error as Error).message}).`;
    const todo = `${remedyOf(error)}, or choose another folder with out (--out).`;
    throw new RestoreError('OUT_REFUSED', `${problem} ${todo}`, { cause: error });
  }
}
