import type { InfluxWriter, WriteOutcome } from '@ceres/influx-http';
import type { Point } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import { checkNames } from '../options/arguments';
import type { WriteOptions } from '../options/write-options';
import type { BackupSink } from '../sink';
import type { RawLines } from '../stages/encode';
import type { Receipt } from '../write/receipt';
import { BackupFirst } from './backup-first/backup-first';
import { InfluxWriteError, noAnswerWithin } from './backup-first/errors';
import { checkWriteOptions, invalidOption } from './option-checks';
import { resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import { publishCounters } from './tee-stats';

/** What `createTee` gives. */
export interface Tee {
  /**
   * Encodes once, at the sink's precision, and sends the same bytes to the spool and then to InfluxDB. Records that
   * `onInvalid: 'quarantine'` set aside stay out of both.
   *
   * The sink is durable (`spooled`, whatever `ack` says) before InfluxDB is asked. `signal` gives up on either side;
   * InfluxDB may then have stored the write.
   *
   * @throws SinkError for bad data (nothing was written), or when the sink failed (InfluxDB was not asked)
   * @throws InfluxWriteError when InfluxDB did not store all of it, with the receipt as its `backup`; with
   *   `onInfluxError: 'resolve'` the outcome is in the result instead
   */
  write(
    to: Omit<Partition, 'instance'>,
    data: readonly Point[] | RawLines,
    options?: WriteOptions,
  ): Promise<{ readonly receipt: Receipt; readonly influx: WriteOutcome }>;
}

/**
 * The fast way to write to InfluxDB with a backup: one encoding, no client in between.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function createTee(server: InfluxWriter, sink: BackupSink, options: TeeOptions): Tee {
  if (typeof server?.write !== 'function') {
    throw invalidOption('createTee', `needs an InfluxWriter of @ceres/influx-http: new InfluxWriter({ url })`);
  }
  const resolved = resolveTeeOptions('createTee', options);
  const first = new BackupFirst(sinkOf('createTee', sink), resolved);

  async function write(
    given: Omit<Partition, 'instance'>,
    data: readonly Point[] | RawLines,
    writeOptions: WriteOptions = {},
  ): Promise<{ receipt: Receipt; influx: WriteOutcome }> {
    checkWriteOptions('tee.write', writeOptions);
    const to = destinationOf(given, resolved.instance);
    const encoded = first.encode(data);
    let outcome: WriteOutcome = noAnswerWithin(resolved.influxTimeoutMs);
    const { receipt } = await first.write(
      to,
      encoded,
      async (signal) => {
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

  return publishCounters({ write }, first.counters);
}

/** A variable of the type `Partition` will do, unless it names another server. */
function destinationOf(given: Omit<Partition, 'instance'> & { readonly instance?: string }, instance: string) {
  checkNames('tee.write()', given, ['database', 'retentionPolicy', 'instance']);
  if (given.instance !== undefined && given.instance !== instance) {
    throw invalidOption('tee.write', `was given the instance '${given.instance}': this tee writes to '${instance}'`);
  }
  const { database, retentionPolicy = '' } = given;
  return { database, retentionPolicy };
}
