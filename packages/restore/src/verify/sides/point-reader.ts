import { type PointVisitor, unreadable } from '@ceres/influx-http/internal';
import type { ComparedPolicy } from '../compared-policies';
import type { Columns, MeasurementKey } from '../digest/columns';
import type { StoredDatabases } from '../stored/open-stored';
import { visitStoredPoints } from '../stored/visit-stored-points';
import type { DatabaseSide } from './database-side';

export interface PointReaderSettings {
  readonly overHttp: DatabaseSide | undefined;
  readonly stored: StoredDatabases | undefined;
  readonly columns: Columns;
  /** Asks the server for its shards and types again. */
  readonly again: () => Promise<Pick<PointReaderSettings, 'overHttp' | 'stored'>>;
}

/** Reads single points of the database: over HTTP, or, where it has none or cannot tell names apart, from its files. */
export class PointReader {
  readonly #settings: PointReaderSettings;

  constructor(settings: PointReaderSettings) {
    this.#settings = settings;
  }

  /** Returns what reads the files alone, where a server is read through its snapshot service. */
  get ofFiles(): PointReader | undefined {
    const { overHttp, stored } = this.#settings;
    return overHttp === undefined || stored === undefined
      ? undefined
      : new PointReader({ ...this.#settings, overHttp: undefined });
  }

  /**
   * Returns a reader that knows the shards and the types that the server has by now: what was written since may have brought others.
   *
   * @throws RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`
   */
  async refreshed(): Promise<PointReader> {
    return new PointReader({ ...this.#settings, ...(await this.#settings.again()) });
  }

  /**
   * Passes every point of a measurement on, from the beginning of the policy up to `until`.
   *
   * @throws NotExact if a query cannot tell them, perhaps after some were passed on; RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`
   */
  async visit(policy: ComparedPolicy, measurement: MeasurementKey, until: bigint, visit: PointVisitor): Promise<void> {
    const { overHttp, stored, columns } = this.#settings;
    const isReadable = () => !unreadable(columns.measurements(policy.database, policy.name)).has(measurement.name);
    if (overHttp !== undefined && (stored === undefined || (stored.isLive && isReadable()))) {
      await overHttp.visitPoints(policy, measurement, until, visit);
    } else if (stored !== undefined) await visitStoredPoints(stored, policy, { measurement, until, visit });
  }
}
