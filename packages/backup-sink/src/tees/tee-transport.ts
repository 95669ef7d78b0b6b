import type { BackupSink } from '../sink';
import { BackupFirst } from './backup-first/backup-first';
import { type AnswerHead, exchange, type SendCallbacks } from './client-transport/exchange';
import type { ClientTransport, SendOptions, TransportRequest } from './client-transport/transport';
import { readWritePath, type WritePath } from './client-transport/write-path';
import { invalidOption } from './option-checks';
import { resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import { publishCounters } from './tee-stats';

/** What a client makes of a write that InfluxDB took. */
const stored: AnswerHead = [{}, 204];

/**
 * A transport whose writes are backed up first, for `new InfluxDB({ url, transport })` of @influxdata/influxdb-client
 * and `new InfluxDBClient({ host, token, transport })` of @influxdata/influxdb3-client. Whatever is no write passes
 * through.
 *
 * These clients batch and retry above their transport: each attempt is backed up, in the order in which InfluxDB is
 * asked. Errors reach the client through its callbacks; InfluxDB's carry the receipt as `backup`.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function teeTransport<T extends ClientTransport>(transport: T, sink: BackupSink, options: TeeOptions): T {
  if (typeof transport?.send !== 'function') {
    throw invalidOption('teeTransport', `needs a client's transport, such as new InfluxDB({ url, token }).transport`);
  }
  const first = new BackupFirst(sinkOf('teeTransport', sink), resolveTeeOptions('teeTransport', options));

  /** Undefined when there is nothing to hear from InfluxDB, as the backup is enough. */
  async function backUpThen<A>(
    { target, inPrecision }: WritePath,
    lines: string,
    { signal }: SendOptions,
    ask: (path: string, body: string) => Promise<A>,
  ): Promise<A | undefined> {
    const { database, retentionPolicy, precision } = target;
    const encoded = first.encode({ lines, precision });
    const { path, body } = inPrecision(encoded.bytes, sink.precision);
    const askIfAny = async () => (encoded.lines === 0 ? undefined : ask(path, body));
    const writeOptions = signal === undefined ? {} : { signal };
    const { answer } = await first.write({ database, retentionPolicy }, encoded, askIfAny, writeOptions);
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
      // Bound, as the transports keep #private state that a proxy cannot reach.
      return key === 'request' ? request : own.bind(target);
    },
  });
  return publishCounters(teed, first.counters);
}
