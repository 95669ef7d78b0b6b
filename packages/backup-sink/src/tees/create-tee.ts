import type { InfluxWriter, WriteOutcome } from '@ceres/influx-http';
import type { Point } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { check } from '../options/check';
import type { WriteOptions } from '../options/write-options';
import type { BackupSink } from '../sink';
import type { RawLines } from '../stages/encode';
import type { Receipt } from '../write/receipt';
import { BackupFirst } from './backup-first/backup-first';
import { InfluxWriteError, noAnswerWithin } from './backup-first/errors';
import { checkTeed, checkWriteOptions, resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import { publishCounters } from './tee-stats';

/** What `createTee` returns. */
export interface Tee {
  /**
   * Encodes once, at the sink's precision, and sends the same bytes to the spool and then to InfluxDB. Records that
   * `onInvalid: 'quarantine'` sets aside go to neither.
   *
   * The write is durable in the sink (`spooled`, whatever `ack` says) before it is sent to InfluxDB. `signal` gives up on
   * either side; InfluxDB may have stored the write by then.
   *
   * @throws SinkError for bad data (nothing was written), or if the sink failed (nothing was sent to InfluxDB)
   * @throws InfluxWriteError if InfluxDB did not store all of it, with the receipt as its `backup`; with
   *   `onInfluxError: 'resolve'` the outcome is in the result instead
   */
  write(
    to: Omit<Partition, 'instance'>,
    data: readonly Point[] | RawLines,
    options?: WriteOptions,
  ): Promise<{ readonly receipt: Receipt; readonly influx: WriteOutcome }>;
}

/**
 * Returns a tee of an InfluxDB server and a sink: the fast way to write to both, with one encoding and no client in between.
 *
 * @example
 * ```ts
 * import { BackupSink, LocalStorage } from '@ceres/backup-sink';
 * import { InfluxWriter } from '@ceres/influx-http';
 *
 * const sink = await BackupSink.open({ storage: new LocalStorage('/backup'), spoolDir: '/var/spool/ceres', precision: 's' });
 * const tee = createTee(new InfluxWriter({ url: 'http://127.0.0.1:8086' }), sink, { instance: 'influxdb-0.influxdb' });
 * await tee.write({ database: 'db_0' }, { lines: 'cpu,host=a load=0.5 1700000000', precision: 's' });
 * ```
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function createTee(server: InfluxWriter, sink: BackupSink, options: TeeOptions): Tee {
  checkTeed('server', server, ['write'], 'new InfluxWriter({ url }) of @ceres/influx-http');
  const internals = sinkOf(sink);
  const resolved = resolveTeeOptions('createTee()', options);
  const backupFirst = new BackupFirst(internals, resolved);

  async function write(
    given: Omit<Partition, 'instance'>,
    data: readonly Point[] | RawLines,
    writeOptions: WriteOptions = {},
  ): Promise<{ receipt: Receipt; influx: WriteOutcome }> {
    checkWriteOptions('tee.write()', writeOptions);
    const to = destinationOf(given, resolved.instance);
    let outcome: WriteOutcome = noAnswerWithin(resolved.influxTimeoutMs);
    const { receipt } = await backupFirst.write(
      to,
      backupFirst.encode(data),
      async (signal, encoded) => {
        if (encoded.lines > 0) {
          outcome = await server.write(encoded.bytes, { ...to, precision: sink.precision, signal });
        } else {
          outcome = { kind: 'stored' };
        }
        if (outcome.kind !== 'stored') throw new InfluxWriteError(outcome);
      },
      writeOptions,
    );
    return { receipt, influx: outcome };
  }

  return publishCounters({ write }, backupFirst.counters);
}

/** Takes a variable of the type `Partition` too, unless it names another server. */
function destinationOf(given: Omit<Partition, 'instance'> & { readonly instance?: string }, instance: string) {
  check.names('tee.write()', given, ['database', 'retentionPolicy', 'instance']);
  const isOurs = given.instance === undefined || given.instance === instance;
  check.that(isOurs, 'instance', `'${instance}', the server of this tee`, given.instance);
  const { database, retentionPolicy = '' } = given;
  return { database, retentionPolicy };
}
