import { type InfluxServer, ping, querySeries, type SeriesRow } from '@ceres/influx-http';
import { type RowVisitor, type TypedSeries, visitRows } from '@ceres/influx-http/internal';
import { type Clock, retry } from '@ceres/storage';
import type { RestoreError } from '../errors';
import { shownUrl } from '../options/checks';
import type { ServerWatch } from '../progress/server-watch';
import { runDdl } from './ddl';
import { shownDurationMs } from './duration';
import { asServerFault, StatementFault, serverFault } from './faults';

/** A policy as the server has it. */
export interface ServerPolicy {
  readonly database: string;
  readonly name: string;
  /** `Infinity` if points never expire. */
  readonly durationMs: number;
  readonly shardDurationMs: number;
  readonly isDefault: boolean;
}

/** A shard as the server has it. */
export interface ServerShard {
  readonly id: number;
  readonly database: string;
  readonly retentionPolicy: string;
  /** The first moment of its shard group, as the server shows it: in whole seconds. */
  readonly start: string;
  /** The end of its shard group, which is not part of it. */
  readonly end: string;
}

/** Asks the server to restore into, or to compare with, what it holds apart from points, and changes its schema. */
export class ServerConnection {
  /** The server's URL without credentials. */
  readonly url: string;
  /** The server's version, such as `1.8.10`. */
  readonly version: string;
  readonly #server: InfluxServer;
  readonly #patience: Patience;

  private constructor(server: InfluxServer, version: string, patience: Patience) {
    this.#server = server;
    this.version = version;
    this.url = shownUrl(server);
    this.#patience = patience;
  }

  /**
   * Connects without patience: if nothing answers, the URL is wrong more often than the server is starting. Later calls
   * are patient.
   *
   * @throws RestoreError `SERVER_UNREACHABLE`, `SERVER_UNSUPPORTED` or `SERVER_DENIED`
   */
  static async connect(server: InfluxServer, patience: Patience): Promise<ServerConnection> {
    const url = shownUrl(server);
    let connection: ServerConnection;
    try {
      const { version } = await ping(server);
      if (!/^1\./.test(version)) throw serverFault('SERVER_UNSUPPORTED', url, `it is version ${version}`);
      connection = new ServerConnection(server, version, patience);
    } catch (error) {
      throw asServerFault(error, url);
    }
    await connection.databases(); // wrong credentials show here, before anything else is asked
    return connection;
  }

  async databases(): Promise<string[]> {
    return (await this.#show('SHOW DATABASES', ['name'])).map((row) => cell(row, 'name'));
  }

  async policies(database: string): Promise<ServerPolicy[]> {
    const query = `SHOW RETENTION POLICIES ON ${quoted(database)}`;
    const rows = await this.#show(query, ['name', 'duration', 'shardGroupDuration', 'default']);
    const shownMs = (row: SeriesRow, column: string) => {
      const text = cell(row, column);
      const ms = shownDurationMs(text);
      if (ms === undefined) throw this.#notInfluxDb(query, `lists the ${column} '${text}' for '${cell(row, 'name')}'`);
      return ms;
    };
    return rows.map((row) => ({
      database,
      name: cell(row, 'name'),
      durationMs: shownMs(row, 'duration'),
      shardDurationMs: shownMs(row, 'shardGroupDuration'),
      isDefault: cell(row, 'default') === 'true',
    }));
  }

  async shards(): Promise<ServerShard[]> {
    const columns = ['id', 'database', 'retention_policy', 'start_time', 'end_time'];
    return (await this.#show('SHOW SHARDS', columns)).map((row) => ({
      id: Number(cell(row, 'id')),
      database: cell(row, 'database'),
      retentionPolicy: cell(row, 'retention_policy'),
      start: cell(row, 'start_time'),
      end: cell(row, 'end_time'),
    }));
  }

  async continuousQueries(): Promise<
    readonly { readonly database: string; readonly name: string; readonly query: string }[]
  > {
    return (await this.#show('SHOW CONTINUOUS QUERIES', ['name', 'query'])).map((row) => ({
      database: row.name,
      name: cell(row, 'name'),
      query: cell(row, 'query'),
    }));
  }

  async measurements(database: string): Promise<string[]> {
    return (await this.#show('SHOW MEASUREMENTS', ['name'], database)).map((row) => cell(row, 'name'));
  }

  /** Asks what the server has, and refuses an answer to another question: a server that is not InfluxDB may give it. */
  async #show(query: string, columns: readonly string[], database = ''): Promise<SeriesRow[]> {
    const rows = await this.ask(database, query);
    const missing = columns.find((column) => rows.some((row) => !row.columns.includes(column)));
    if (missing !== undefined) throw this.#notInfluxDb(query, `has no column '${missing}'`);
    return rows;
  }

  #notInfluxDb(query: string, what: string): RestoreError {
    return serverFault('SERVER_UNSUPPORTED', this.url, `its answer to ${query} ${what}`);
  }

  /**
   * Returns all rows of a small answer, and retries within the patience.
   *
   * @throws RestoreError `SERVER_…`
   */
  async ask(database: string, query: string): Promise<SeriesRow[]> {
    return await this.#patiently(async (signal) => {
      const rows: SeriesRow[] = [];
      for await (const row of querySeries(this.#server, database, query, { signal })) rows.push(row);
      return rows;
    });
  }

  /**
   * Returns all rows of a small answer of texts, byte by byte: each text has one character for each byte, because names need not
   * be UTF-8. Retries within the patience.
   *
   * @throws RestoreError `SERVER_…`
   */
  async askBytes(database: string, query: string): Promise<ByteRow[]> {
    return await this.#patiently(async (signal) => {
      const rows: ByteRow[] = [];
      let series: TypedSeries | undefined;
      const visitor: RowVisitor = {
        series: (next) => {
          series = next;
        },
        row: (row) => {
          rows.push({
            name: series?.name ?? '',
            values: (series?.columns ?? []).map((_, i) => String(row.value(i) ?? '')),
          });
          return true;
        },
      };
      await visitRows(this.#server, database, query, visitor, { signal });
      return rows;
    });
  }

  /**
   * Returns the counts that `SELECT COUNT(*::field)` answers, by measurement and field. Names have one character for each byte. Retries
   * within the patience.
   *
   * @throws RestoreError `SERVER_…`
   */
  async counts(database: string, query: string): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
    return await this.#patiently(async (signal) => {
      const counts = new Map<string, Map<string, number>>();
      let fields: readonly string[] = [];
      let counted = new Map<string, number>();
      const visitor: RowVisitor = {
        series: ({ name, columns }) => {
          fields = columns.map((column) => column.replace(/^count_/, ''));
          counted = counts.get(name) ?? new Map();
          counts.set(name, counted);
        },
        row: (row) => {
          for (let i = 1; i < fields.length; i += 1) counted.set(fields[i] as string, Number(row.value(i) ?? 0));
          return true;
        },
      };
      await visitRows(this.#server, database, query, visitor, { signal });
      return counts;
    });
  }

  /**
   * Passes rows to a visitor as they arrive, and does not retry.
   *
   * @throws RestoreError `SERVER_…`
   */
  async visit(database: string, query: string, visitor: RowVisitor): Promise<void> {
    const { signal } = this.#patience;
    try {
      await visitRows(this.#server, database, query, visitor, signal ? { signal } : {});
    } catch (error) {
      throw asServerFault(error, this.url);
    }
  }

  /**
   * Runs a statement that creates or drops something. It is retried, since it does nothing a second time.
   *
   * @throws RestoreError `SERVER_UNREACHABLE`, `SERVER_DENIED`; `SERVER_QUERY_FAILED` if InfluxDB refuses it
   */
  async change(statement: string): Promise<void> {
    await this.#patiently(() => this.#run(statement));
  }

  /**
   * Drops a shard, or does nothing if there is no such shard: InfluxDB reports that as an error from 1.11 on.
   *
   * @throws RestoreError like `change`
   */
  async dropShard(id: number): Promise<void> {
    await this.#patiently(async () => {
      try {
        await this.#run(`DROP SHARD ${id}`);
      } catch (error) {
        if (!(error instanceof StatementFault && error.isMissingShard)) throw error;
      }
    });
  }

  async #run(statement: string): Promise<void> {
    try {
      await runDdl(this.#server, statement);
    } catch (error) {
      // Only the message: node-influx's errors hold the whole request, including credentials.
      throw new StatementFault(statement, (error instanceof Error ? error.message : String(error)).trim());
    }
  }

  async #patiently<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { patienceMs, clock, signal, watch } = this.#patience;
    const limits = { attemptsMax: Infinity, delayMsMax: 5_000, deadlineMs: patienceMs };
    const onRetry = (error: unknown) => watch?.failed(error instanceof Error ? error.message : String(error));
    try {
      const answer = await retry(attempt, { ...limits, clock, onRetry, ...(signal && { signal }) });
      watch?.answered();
      return answer;
    } catch (error) {
      throw asServerFault(error, this.url);
    }
  }
}

/** A row of texts, with the name of the series that it belongs to. */
export interface ByteRow {
  readonly name: string;
  readonly values: readonly string[];
}

/** How long a call to a server that does not answer is retried. */
export interface Patience {
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly watch?: ServerWatch;
}

/** Returns a name as an identifier of InfluxQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Returns a cell by the name of its column, because servers of other versions may add columns. */
function cell({ columns, values }: SeriesRow, column: string): string {
  return values[columns.indexOf(column)] ?? '';
}
