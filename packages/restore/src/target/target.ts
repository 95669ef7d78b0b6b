import { type InfluxServer, ping, querySeries, type SeriesRow } from '@ceres/influx-http';
import { shownUrl } from '../options/target';
import { connectDdl, type Ddl } from './ddl';
import { durationMs } from './duration';
import { asTargetFault, targetFault } from './faults';

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
  readonly #ddl: Ddl;

  private constructor(server: InfluxServer) {
    this.server = server;
    this.url = shownUrl(server);
    this.#ddl = connectDdl(server);
  }

  /** @throws RestoreError `TARGET_UNREACHABLE`, `TARGET_UNSUPPORTED` or `TARGET_DENIED` */
  static async connect(server: InfluxServer): Promise<Target> {
    const target = new Target(server);
    const { version } = await target.#orFault(ping(server));
    if (!/^1\./.test(version)) throw targetFault('TARGET_UNSUPPORTED', target.url, `it is version ${version}`);
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

  /** All rows of a small answer. */
  async ask(database: string, query: string): Promise<SeriesRow[]> {
    const rows: SeriesRow[] = [];
    for await (const row of this.stream(database, query)) rows.push(row);
    return rows;
  }

  /** @throws RestoreError `TARGET_…` */
  async *stream(database: string, query: string, signal?: AbortSignal): AsyncGenerator<SeriesRow> {
    try {
      yield* querySeries(this.server, database, query, signal ? { signal } : {});
    } catch (error) {
      throw asTargetFault(error, this.url);
    }
  }

  /** @throws RestoreError `TARGET_UNREACHABLE` or `TARGET_DENIED` */
  async change(statement: string): Promise<void> {
    try {
      await this.#ddl(statement);
    } catch (error) {
      // The message alone: node-influx's errors hold the whole request, credentials included.
      const reason = (error instanceof Error ? error.message : String(error)).trim();
      throw targetFault(changeCode(reason), this.url, `'${statement}' failed (${reason})`);
    }
  }

  async #orFault<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw asTargetFault(error, this.url);
    }
  }
}

/** node-influx has a class for neither, and puts the status into the text. */
function changeCode(reason: string) {
  if (/error authorizing|A 40[13] /.test(reason)) return 'TARGET_DENIED';
  return reason.startsWith('A 400 ') ? 'INVALID_OPTIONS' : 'TARGET_UNREACHABLE';
}

/** An identifier of InfluxQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** By the name of its column: servers of other versions may add some. */
export function cell({ columns, values }: SeriesRow, column: string): string {
  return values[columns.indexOf(column)] ?? '';
}
