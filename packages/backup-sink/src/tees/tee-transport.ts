import type { EncodedLines } from '../internals';
import type { BackupSink } from '../sink';
import { BackupFirst } from './backup-first/backup-first';
import {
  type AnswerHead,
  type ClientTransport,
  exchange,
  type SendCallbacks,
  type SendOptions,
  type TransportRequest,
} from './client-transport/client-transport';
import { explainMissingPath } from './client-transport/missing-path';
import { readWritePath, type WritePath } from './client-transport/write-path';
import { checkTeed, resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import { publishCounters } from './tee-stats';

/** The head that clients get for a write that InfluxDB stored. */
const stored: AnswerHead = [{}, 204];

/**
 * Returns a transport whose writes are backed up first, for `new InfluxDB({ url, transport })` of @influxdata/influxdb-client
 * and `new InfluxDBClient({ host, token, transport })` of @influxdata/influxdb3-client. All other requests pass through.
 *
 * These clients batch and retry above their transport: each attempt is backed up, in the order in which it is sent to
 * InfluxDB. Errors reach the client through its callbacks; InfluxDB's carry the receipt as `backup`.
 *
 * @example
 * ```ts
 * import { BackupSink, LocalStorage } from '@ceres/backup-sink';
 * import { InfluxDB } from '@influxdata/influxdb-client';
 *
 * const sink = await BackupSink.open({ storage: new LocalStorage('/backup'), spoolDir: '/var/spool/ceres', precision: 'ms' });
 * const connection = { url: 'http://127.0.0.1:8086', token: 'user:password' };
 * const transport = teeTransport(new InfluxDB(connection).transport, sink, { instance: 'influxdb-0.influxdb' });
 * const client = new InfluxDB({ ...connection, transport });
 * ```
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function teeTransport<T extends ClientTransport>(transport: T, sink: BackupSink, options: TeeOptions): T {
  checkTeed('transport', transport, ['send'], 'new InfluxDB({ url, token }).transport');
  const backupFirst = new BackupFirst(sinkOf(sink), resolveTeeOptions('teeTransport()', options));

  /** Resolves with InfluxDB's answer; `undefined` where the backup has to be enough. */
  async function backUpThen<A>(
    { target, givenPath, inPrecision }: WritePath,
    lines: string,
    { signal }: SendOptions,
    ask: (path: string, body: string) => Promise<A>,
  ): Promise<A | undefined> {
    const { database, retentionPolicy, precision } = target;
    const encoding = backupFirst.encode({ lines, precision });
    const askIfAny = async (_: AbortSignal, encoded: EncodedLines) => {
      if (encoded.lines === 0) return undefined;
      // The same text again, where it says the same: a text of 30 MB takes a tenth of a second to make.
      const isAsGiven = encoded.isAsGiven === true && givenPath !== undefined;
      const { path, body } = isAsGiven ? { path: givenPath, body: lines } : inPrecision(encoded.bytes, sink.precision);
      return await ask(path, body).catch(explainMissingPath);
    };
    const writeOptions = signal === undefined ? {} : { signal };
    const { answer } = await backupFirst.write({ database, retentionPolicy }, encoding, askIfAny, writeOptions);
    return answer;
  }

  async function sendWrite(write: WritePath, lines: string, sendOptions: SendOptions, callbacks: SendCallbacks) {
    let head: AnswerHead | undefined;
    try {
      head = await backUpThen(write, lines, sendOptions, (path, body) =>
        exchange(transport, path, body, sendOptions, callbacks),
      );
    } catch (error) {
      callbacks.error?.(error as Error);
      return;
    }
    callbacks.responseStarted?.(...(head ?? stored));
    callbacks.complete?.();
  }

  function send(path: string, body: string, sendOptions: SendOptions, callbacks: SendCallbacks = {}): void {
    let write: WritePath | undefined;
    try {
      write = readWritePath(path);
    } catch (error) {
      callbacks.error?.(error as Error);
      return;
    }
    if (write === undefined) transport.send(path, body, sendOptions, callbacks);
    else void sendWrite(write, body, sendOptions, callbacks);
  }

  const request: TransportRequest = async (path, body, sendOptions, ...more) => {
    const innerRequest = (transport as unknown as { request: TransportRequest }).request.bind(transport);
    const write = readWritePath(path);
    if (write === undefined) return innerRequest(path, body, sendOptions, ...more);
    return backUpThen(write, String(body), sendOptions, (sentPath, lines) =>
      innerRequest(sentPath, lines, sendOptions, ...more),
    );
  };

  const teed = new Proxy(transport, {
    get(target, key) {
      if (key === 'send') return send;
      const own: unknown = Reflect.get(target, key, target);
      if (typeof own !== 'function') return own;
      // Bound, because the transports keep #private state that a proxy cannot reach.
      return key === 'request' ? request : own.bind(target);
    },
  });
  return publishCounters(teed, backupFirst.counters);
}
