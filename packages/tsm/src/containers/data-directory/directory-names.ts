import { join } from 'node:path';
import { type FileSystem, ifExists } from '@ceres/internal';
import { fileSource } from '../../files/byte-source';
import { type FieldTypes, readFieldsIndex } from '../../names/fields-index';
import { KnownNames } from '../../names/known-names';
import { readSeriesFile } from '../../names/series-file';
import type { SeriesSet } from '../../names/series-set';

/** What a data directory knows of the names in its shards: the series file of each database, and the fields of each shard. */
export class DirectoryNames {
  readonly #dataDir: string;
  readonly #fs: FileSystem;
  /** The series of the database that was asked for last: shards come database by database, and a series file may be large. */
  #series: { readonly database: string; readonly set: Promise<SeriesSet | undefined> } | undefined;

  constructor(dataDir: string, fs: FileSystem) {
    this.#dataDir = dataDir;
    this.#fs = fs;
  }

  /** @throws TsmError `DAMAGED`, `INCOMPLETE`, `UNREADABLE` */
  async of(database: string, shardFolder: string): Promise<KnownNames> {
    return new KnownNames(await this.seriesOf(database), await this.fieldsOf(shardFolder));
  }

  /** The folder in which InfluxDB keeps the series of a database. */
  seriesFolder(database: string): string {
    return join(this.#dataDir, database, '_series');
  }

  seriesOf(database: string): Promise<SeriesSet | undefined> {
    if (this.#series?.database !== database)
      this.#series = { database, set: readSeriesFile(this.seriesFolder(database), this.#fs) };
    return this.#series.set;
  }

  async fieldsOf(shardFolder: string): Promise<FieldTypes | undefined> {
    const path = join(shardFolder, 'fields.idx');
    const exists = async (file: string) => (await ifExists(this.#fs.lstat(file))) !== undefined;
    if (!(await exists(path))) return undefined;
    const index = await fileSource(path, this.#fs);
    try {
      const changesPath = `${path}l`;
      const changes = (await exists(changesPath)) ? await fileSource(changesPath, this.#fs) : undefined;
      try {
        return await readFieldsIndex(index, changes);
      } finally {
        await changes?.close();
      }
    } finally {
      await index.close();
    }
  }
}
