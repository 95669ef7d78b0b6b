import { type InfluxServer, ping, querySeries, type SeriesRow } from '@ceres/influx-http';
import { type Clock, retry } from '@ceres/storage';
import { shownUrl } from '../options/checks';
import { runDdl } from './ddl';
import { durationMs } from './duration';
import { asTargetFault, StatementFault, targetFault } from './faults';

/** One policy of the target, as it is. */
export interface TargetPolicy {
  readonly database: string;
  readonly name: string;
  /** `Infinity`: points never expire. */
  readonly durationMs: number;
  readonly shardDurationMs: number;
  readonly isDefault: boolean;
}

export interface TargetShard {
  readonly id: number;
  readonly database: string;
  readonly retentionPolicy: string;
}

/** The server that is restored into, or compared with: what it holds, apart from its points. */
export class Target {
  readonly server: InfluxServer;
  /** Without credentials. */
  readonly url: string;
  readonly #patience: Patience;

  private constructor(server: InfluxServer, patience: Patience) {
    this.server = server;
    this.url = shownUrl(server);
    this.#patience = patience;
  }

  /**
   * Fails at once where nobody answers, since that is a wrong URL more often than a server that starts; later calls
   * are patient.
   *
   * @throws RestoreError `TARGET_UNREACHABLE`, `TARGET_UNSUPPORTED` or `TARGET_DENIED`
   */
  static async connect(server: InfluxServer, patience: Patience): Promise<Target> {
    const target = new Target(server, patience);
    try {
      const { version } = await ping(server);
      if (!/^1\./.test(version)) throw targetFault('TARGET_UNSUPPORTED', target.url, `it is version ${version}`);
    } catch (error) {
      throw asTargetFault(error, target.url);
    }
    await target.databases(); // wrong credentials show here, before anything else is asked
    return target;
  }

  async databases(): Promise<string[]> {
    return (await this.ask('', 'SHOW DATABASES')).map(({ values }) => values[0] ?? '');
  }

  async policies(database: string): Promise<TargetPolicy[]> {
    const rows = await this.ask('', `SHOW RETENTION POLICIES ON ${quoted(database)}`);
    return rows.map((row) => ({
      database,
      name: cell(row, 'name'),
      durationMs: durationMs(cell(row, 'duration')) ?? Infinity,
      shardDurationMs: durationMs(cell(row, 'shardGroupDuration')) ?? Infinity,
      isDefault: cell(row, 'default') === 'true',
    }));
  }

  async shards(): Promise<TargetShard[]> {
    return (await this.ask('', 'SHOW SHARDS')).map((row) => ({
      id: Number(cell(row, 'id')),
      database: cell(row, 'database'),
      retentionPolicy: cell(row, 'retention_policy'),
    }));
  }

  async measurements(database: string): Promise<string[]> {
    return (await this.ask(database, 'SHOW MEASUREMENTS')).map(({ values }) => values[0] ?? '');
  }

  /** All rows of a small answer. @throws RestoreError `TARGET_…` */
  async ask(database: string, query: string): Promise<SeriesRow[]> {
    return await this.#patiently(async (signal) => {
      const rows: SeriesRow[] = [];
      for await (const row of querySeries(this.server, database, query, { signal })) rows.push(row);
      return rows;
    });
  }

  /** Rows as they come; no attempt but one. @throws RestoreError `TARGET_…` */
  async *stream(database: string, query: string): AsyncGenerator<SeriesRow> {
    const { signal } = this.#patience;
    try {
      yield* querySeries(this.server, database, query, signal ? { signal } : {});
    } catch (error) {
      throw asTargetFault(error, this.url);
    }
  }

  /**
   * A statement that may be repeated: those that create or drop do nothing a second time.
   *
   * @throws RestoreError `TARGET_UNREACHABLE`, `TARGET_DENIED`; `TARGET_QUERY_FAILED` if InfluxDB will not have it
   */
  async change(statement: string): Promise<void> {
    await this.#patiently(async () => {
      try {
        await runDdl(this.server, statement);
      } catch (error) {
        // The message alone: node-influx's errors hold the whole request, credentials included.
        throw new StatementFault(statement, (error instanceof Error ? error.message : String(error)).trim());
      }
    });
  }

  async #patiently<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { patienceMs, clock, signal } = this.#patience;
    const limits = { attemptsMax: Infinity, delayMsMax: 5_000, deadlineMs: patienceMs };
    try {
      return await retry(attempt, { ...limits, clock, ...(signal && { signal }) });
    } catch (error) {
      throw asTargetFault(error, this.url);
    }
  }
}

/** How long a target that does not answer is asked again. */
export interface Patience {
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** An identifier of InfluxQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** By the name of its column: servers of other versions may add some. */
export function cell({ columns, values }: SeriesRow, column: string): string {
  return values[columns.indexOf(column)] ?? '';
}
