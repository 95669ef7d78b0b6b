import { BackupSink, LocalStorage, readPolicies, teeInflux } from '@ceres/backup-sink';
import { InfluxDB, type IPoint } from 'influx';
import { DeviceFleet } from './device-fleet';
import { readHostMetrics } from './host-metrics';

export const instance = 'influxdb-0.influxdb';
export const databases = Array.from({ length: 10 }, (_, i) => `db_${i}`);
export const retentionPolicy = 'rp_5d';

const devicesPerDatabase = 500;

/** A typical service: once a second it reads metrics and writes them to InfluxDB, through a tee that backs them up. */
export class IngestionService {
  readonly #fleets = new Map(databases.map((database) => [database, new DeviceFleet(devicesPerDatabase)]));
  readonly #sink: BackupSink;
  readonly #influx: InfluxDB;
  /** How many points were acked, by database. */
  readonly written = new Map(databases.map((database) => [database, 0]));
  /** The time of the newest acked point, in seconds since the epoch. */
  newestPointS = 0;
  ticks = 0;

  private constructor(sink: BackupSink, influx: InfluxDB) {
    this.#sink = sink;
    this.#influx = influx;
  }

  static async start(influxUrl: string, backupDir: string, spoolDir: string): Promise<IngestionService> {
    const client = new InfluxDB(influxUrl);
    const sink = await BackupSink.open({
      storage: new LocalStorage(backupDir),
      spoolDir,
      precision: 's',
      // Each file then says how long its policy keeps points, and a restore creates the policy that way.
      policies: await readPolicies(client, databases),
    });
    // 'resolve': the service continues while InfluxDB is down, since the backup has its points.
    const influx = teeInflux(client, sink, { instance, onInfluxError: 'resolve' });
    return new IngestionService(sink, influx);
  }

  async tick(): Promise<void> {
    const hostMetrics = await readHostMetrics();
    const nowS = Math.floor(Date.now() / 1000);
    await Promise.all(
      databases.map((database) => {
        const devices = this.#fleets.get(database)?.read() ?? [];
        return this.#write(database, database === 'db_0' ? [...devices, ...hostMetrics] : devices, nowS);
      }),
    );
    this.newestPointS = nowS;
    this.ticks += 1;
  }

  get pointsWritten(): number {
    return [...this.written.values()].reduce((sum, points) => sum + points, 0);
  }

  async #write(database: string, points: readonly IPoint[], nowS: number): Promise<void> {
    const timestamp = new Date(nowS * 1000);
    await this.#influx.writePoints(
      points.map((point) => ({ ...point, timestamp })),
      { database, retentionPolicy, precision: 's' },
    );
    this.written.set(database, (this.written.get(database) ?? 0) + points.length);
  }

  /** Seals and stores everything that is still in the spool. */
  async stop(): Promise<void> {
    const { unstoredFiles } = await this.#sink.close();
    if (unstoredFiles > 0)
      throw new Error(
        `${unstoredFiles} files are not in the backup yet. They are in the spool: start the service again to store them.`,
      );
  }
}
