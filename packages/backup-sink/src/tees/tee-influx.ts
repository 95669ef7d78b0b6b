import type { InfluxDB, IPoint, IWriteOptions } from 'influx';
import { SinkError } from '../errors';
import type { EncodedLines } from '../internals';
import { joinedLines } from '../lines/checked-lines';
import { areMany, chunksOf } from '../lines/points';
import { check } from '../options/check';
import { inSlices } from '../scheduling/turns';
import type { BackupSink } from '../sink';
import { BackupFirst } from './backup-first/backup-first';
import { type Batch, type CallRules, copyPoints, readBatch, readCall, storedTime } from './node-influx/batch';
import { type ByteClient, byteClient } from './node-influx/client';
import { readPlainPoints } from './node-influx/plain-points';
import { checkTeed, resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import { publishCounters } from './tee-stats';

/**
 * What a tee needs of a node-influx client. Structural, so that these types compile where `influx` is not installed;
 * `InfluxDB` of `influx` fits.
 */
export interface NodeInfluxClient {
  writePoints(points: never, options?: never): Promise<void>;
  writeMeasurement(measurement: string, points: never, options?: never): Promise<void>;
  parsePoint(point: never, options?: never): object;
}

/**
 * Returns a node-influx client whose `writePoints` and `writeMeasurement` are backed up first. It has the same type
 * (`instanceof` holds), takes the same options and schemas and rejects with the same errors; everything else is the client's
 * own. The points are encoded once: InfluxDB gets the bytes that are backed up, at the sink's precision.
 *
 * - A batch is all or nothing: with one bad point in it, neither side gets any of it.
 * - An error of InfluxDB carries the receipt as `backup`: see `isBackedUp`.
 * - If an answer breaks off, for which node-influx would wait forever, the write rejects after `influxTimeoutMs`.
 *
 * @example
 * ```ts
 * import { BackupSink, LocalStorage } from '@ceres/backup-sink';
 * import { InfluxDB } from 'influx';
 *
 * const sink = await BackupSink.open({ storage: new LocalStorage('/backup'), spoolDir: '/var/spool/ceres', precision: 'ms' });
 * const influx = teeInflux(new InfluxDB('http://127.0.0.1:8086/db_0'), sink, { instance: 'influxdb-0.influxdb' });
 * await influx.writePoints([{ measurement: 'cpu', fields: { load: 0.5 }, timestamp: Date.now() }], { precision: 'ms' });
 * ```
 *
 * @throws SinkError `INVALID_OPTIONS`; the methods reject with `INVALID_DATA` for what node-influx would write wrongly
 */
export function teeInflux<T extends NodeInfluxClient>(client: T, sink: BackupSink, options: TeeOptions): T {
  const example = "new InfluxDB(…) of 'influx', version 5.9.3 or later";
  checkTeed('client', client, ['writePoints', 'parsePoint'], example);
  const influx = client as unknown as InfluxDB;
  const backupFirst = new BackupFirst(sinkOf(sink), resolveTeeOptions('teeInflux()', options));
  const storedPrecision = sink.precision;

  async function writePoints(points: IPoint[], given: IWriteOptions = {}): Promise<void> {
    checkPoints('writePoints', points);
    const writeOptions = copyOfOptions(given);
    const { retentionPolicy = '' } = writeOptions;
    const rules = readCall(influx, writeOptions, (unit) => backupFirst.stamp(unit));
    if (points.length === 0) return influx.writePoints(points, writeOptions);
    const bytes = byteClient(influx);
    const { encoded, send } =
      bytes === undefined ? asPoints(points, rules, writeOptions) : asBytes(bytes, points, rules, writeOptions);
    await backupFirst.write({ database: rules.database, retentionPolicy }, encoded, async (_, sent) => {
      if (sent.lines > 0) await send(sent);
    });
  }

  /** Sends the very bytes that are backed up. */
  function asBytes(
    bytes: ByteClient,
    points: readonly IPoint[],
    rules: CallRules,
    writeOptions: IWriteOptions,
  ): Sending {
    const { database } = rules;
    const encode = (given: readonly IPoint[]) =>
      encodePlain(bytes, given, rules) ?? encodeAsRead(readBatch(influx, given, rules));
    return {
      encoded: areMany(points) ? encodeMany(bytes, [...points], rules) : encode(points),
      send: (sent) => bytes.post(sent.bytes, storedPrecision, { ...writeOptions, database }),
    };
  }

  /** Encodes in slices, between which the event loop runs. Points that are not all plain are read at once, as node-influx would. */
  async function encodeMany(bytes: ByteClient, points: readonly IPoint[], rules: CallRules): Promise<EncodedLines> {
    const plain = await inSlices(encodePlainInSteps(bytes, points, rules));
    return plain ?? encodeAsRead(readBatch(influx, points, rules));
  }

  function* encodePlainInSteps(
    bytes: ByteClient,
    points: readonly IPoint[],
    rules: CallRules,
  ): Generator<void, EncodedLines | undefined, undefined> {
    const parts: EncodedLines[] = [];
    for (const { chunk } of chunksOf(points)) {
      const part = encodePlain(bytes, chunk, rules);
      if (part === undefined) return undefined;
      parts.push(part);
      yield;
    }
    return { ...(yield* joinedLines(parts)), quarantined: [] };
  }

  /** Returns `undefined` for a batch that is not plain, or not good: read as node-influx reads it, it has its errors too. */
  function encodePlain(bytes: ByteClient, points: readonly IPoint[], rules: CallRules): EncodedLines | undefined {
    const hasSchema = (measurement: string) => bytes.hasSchema(rules.database, measurement);
    const plain = readPlainPoints(points, { ...rules, hasSchema });
    return plain && backupFirst.encodeIfGood(plain, rules.precision);
  }

  function encodeAsRead({ lines, hadTimestamp }: Batch): EncodedLines {
    return backupFirst.encodeStamped(lines, hadTimestamp);
  }

  /** Leaves the sending to the client, which encodes the points once more. */
  function asPoints(points: readonly IPoint[], rules: CallRules, writeOptions: IWriteOptions): Sending {
    const copies = copyPoints(points);
    const batch = readBatch(influx, copies, rules);
    const encoded = encodeAsRead(batch);
    const setAside = new Set(encoded.quarantined);
    const good = copies.filter((copy, index) => {
      copy.timestamp = storedTime(batch.timestamps[index] as string, rules.precision, storedPrecision);
      return !setAside.has(index);
    });
    return { encoded, send: () => influx.writePoints(good, writeOptions) };
  }

  // The client is the prototype: what is not overridden here stays its own, and so does its state.
  const teed = Object.create(client, {
    writePoints: { value: writePoints, writable: true, configurable: true },
    writeMeasurement: {
      value: async (measurement: string, points: IPoint[], writeOptions?: IWriteOptions) => {
        checkPoints('writeMeasurement', points);
        await writePoints(
          points.map((point) => ({ measurement, ...point })),
          writeOptions,
        );
      },
      writable: true,
      configurable: true,
    },
  }) as T;
  return publishCounters(teed, backupFirst.counters);
}

/** One write, encoded for the backup, and the way to InfluxDB of the same points. */
interface Sending {
  readonly encoded: EncodedLines | Promise<EncodedLines>;
  send(sent: EncodedLines): Promise<void>;
}

/** @throws SinkError `INVALID_DATA` */
function checkPoints(method: string, points: unknown): void {
  if (Array.isArray(points)) return;
  throw new SinkError(
    'INVALID_DATA',
    `Expected the points of ${method}() to be an array, got ${String(points)}; nothing was written.`,
  );
}

/**
 * Copies what both sides go by: the caller may change its object while the backup is in progress.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
function copyOfOptions(given: IWriteOptions): IWriteOptions {
  const isObject = typeof given === 'object' && given !== null;
  check.that(isObject, 'options', "an object such as { precision: 's' }, or left out", given);
  // Name by name: they may be getters of a class, which a spread would not copy.
  const { database, retentionPolicy, precision } = given;
  return {
    ...(database !== undefined && { database }),
    ...(retentionPolicy !== undefined && { retentionPolicy }),
    ...(precision !== undefined && { precision }),
  };
}
