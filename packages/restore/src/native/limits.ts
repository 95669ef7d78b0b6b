import { type ByteSource, splitKey, TsmReader } from '@ceres/tsm';
import type { CompiledFile, CompiledShard } from '../compile/compiled-shard';
import { RestoreError } from '../errors';
import type { ServerConnection } from '../server/connection';

const NO_LIMIT = 0;

/** The limits of a server on what a database may hold: InfluxDB does not apply them to shards that are loaded. */
export class Limits {
  readonly #seriesMax: number;
  readonly #valuesPerTagMax: number;
  /** The series of the database that is being loaded, and the values of its tags by measurement and tag. */
  readonly #series = new Set<string>();
  readonly #values = new Map<string, Set<string>>();
  #existing = 0;

  private constructor(seriesMax: number, valuesPerTagMax: number) {
    this.#seriesMax = seriesMax;
    this.#valuesPerTagMax = valuesPerTagMax;
  }

  /**
   * Asks the server for its limits.
   *
   * @throws RestoreError `SERVER_…`
   */
  static async of(connection: ServerConnection): Promise<Limits> {
    const [row] = await connection.ask('', "SHOW DIAGNOSTICS FOR 'config-data'");
    const limit = (name: string) => Number(row?.values[row.columns.indexOf(name)] ?? NO_LIMIT);
    return new Limits(limit('max-series-per-database'), limit('max-values-per-tag'));
  }

  /** Begins with a database, which may hold series already. */
  begin(existing: number): void {
    this.#series.clear();
    this.#values.clear();
    this.#existing = existing;
  }

  /**
   * Counts the series of a shard, before it is loaded.
   *
   * @throws RestoreError `NATIVE_REFUSED` if the database would exceed a limit
   */
  async add(shard: CompiledShard): Promise<void> {
    const limits = [this.#seriesMax, this.#valuesPerTagMax].filter((max) => max !== NO_LIMIT);
    // A tag has at most as many values as there are series. This saves reading all their keys.
    if (this.#existing + shard.databaseSeriesMax <= Math.min(Infinity, ...limits)) return;
    for (const file of shard.files) await this.#addFile(shard, file);
  }

  async #addFile(shard: CompiledShard, file: CompiledFile): Promise<void> {
    const source: ByteSource = await file.open();
    try {
      const reader = await TsmReader.open(source);
      let last = '';
      for await (const { key } of reader.keys()) {
        const series = Buffer.from(splitKey(key).seriesKey).toString('latin1');
        if (series === last) continue;
        last = series;
        this.#addSeries(shard, series);
      }
    } finally {
      await source.close();
    }
  }

  #addSeries({ database }: CompiledShard, series: string): void {
    if (this.#series.has(series)) return;
    this.#series.add(series);
    if (this.#seriesMax !== NO_LIMIT && this.#existing + this.#series.size > this.#seriesMax) {
      throw exceeded(database, 'max-series-per-database', this.#seriesMax);
    }
    if (this.#valuesPerTagMax === NO_LIMIT) return;
    const [measurement, ...tags] = series.split(/(?<!\\),/);
    for (const tag of tags) {
      const end = /(?<!\\)=/.exec(tag)?.index ?? tag.length;
      const name = `${measurement},${tag.slice(0, end)}`;
      const values = this.#values.get(name) ?? new Set();
      this.#values.set(name, values.add(tag.slice(end + 1)));
      if (values.size > this.#valuesPerTagMax) throw exceeded(database, 'max-values-per-tag', this.#valuesPerTagMax);
    }
  }
}

function exceeded(database: string, limit: string, max: number): RestoreError {
  const what = `'${database}' would exceed the server's limit \`${limit}\` of ${max}, which does not hold for shards that are loaded`;
  const todo = `Raise it in InfluxDB's configuration (\`[data]\`) and run the same command again, or restore without native (--native)`;
  return new RestoreError('NATIVE_REFUSED', `${what}. ${todo}.`);
}
