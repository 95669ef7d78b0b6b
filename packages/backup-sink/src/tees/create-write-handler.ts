import type { IncomingMessage, ServerResponse } from 'node:http';
import { SinkError } from '../errors';
import { check } from '../options/check';
import type { Logger } from '../report/logger';
import type { BackupSink } from '../sink';
import { BackupFirst } from './backup-first/backup-first';
import { resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import type { WriteApi } from './parameters/write-target';
import { publishCounters } from './tee-stats';
import { CredentialCheck } from './write-handler/credentials/credential-check';
import { knownCredentialsOf } from './write-handler/credentials/known-credentials';
import { type HandlerContext, handleWrite } from './write-handler/handle-write';
import { Upstream } from './write-handler/influx/upstream';
import { passThrough } from './write-handler/pass-through';
import { Refusal, replyToFailure } from './write-handler/reply';
import { BodyBudget } from './write-handler/request/body-budget';
import { ConnectionOrder } from './write-handler/request/connection-order';
import { readRequestTarget } from './write-handler/request/request-target';

/** The options of `createWriteHandler`. */
export interface WriteHandlerOptions extends TeeOptions {
  /** The longest body of a write as it is sent. Default: 25,000,000, InfluxDB's own `max-body-size`. */
  readonly bodyBytesMax?: number;
  /** The longest body of a write once inflated; all writes in progress together may hold twice that. Default: 100,000,000. */
  readonly inflatedBytesMax?: number;
  /**
   * How long a credential that InfluxDB accepted is honored while InfluxDB is away, or suddenly refuses it as a rebuilt server without its
   * users does. Until then such a client's writes are backed up, each with an error in the log. 0 honors none. Default: 86,400,000 (24 h).
   */
  readonly credentialGraceMs?: number;
  /** The most lines of one write; blank lines and comments count too. Default: 1,000,000. */
  readonly linesMax?: number;
  /** The longest line of a write. Default: 25,000,000 bytes, the longest that a backup file holds. */
  readonly lineBytesMax?: number;
  /**
   * The least pace of an upload, in bytes per second over 30 s: a slower one is answered 408. 0 sets no pace. Default: 1,000, that of a
   * poor mobile connection.
   */
  readonly uploadBytesPerSecondMin?: number;
}

const bodyBytesMaxDefault = 25_000_000;
const inflatedBytesMaxDefault = 100_000_000;
const credentialGraceMsDefault = 86_400_000;
/** 90 days: a longer grace is no check any more. */
const credentialGraceMsMax = 7_776_000_000;
/** 25,000,000 bytes of telemetry have fewer, and each costs time and memory, however short it is. */
const linesMaxDefault = 1_000_000;
const lineBytesMaxDefault = 25_000_000;
const uploadBytesPerSecondMinDefault = 1_000;
/** The longest buffer that Node has on every platform. */
const bytesMax = 2 ** 31 - 1;
/** The longest pause of an upload: stalled uploads must not pile up. */
const silenceMsMax = 30_000;
/** The same as Node's `requestTimeout`, which is off where Fastify made the server. */
const uploadMsMax = 300_000;
/** A full spool or a hanging disk may recover; clients give up, and retry, after about this time. */
const backupMsMax = 30_000;

/**
 * Returns an InfluxDB for clients in every language, with a backup: a plain `(req, res)` for `node:http`, Express, Fastify or
 * Hono's Node server, mounted before any body parser.
 *
 * `POST /write` and `POST /api/v2/write` (bucket `db/rp`) are backed up, then sent to the server as `POST /write`, which
 * every 1.x server has, and its answer is passed on. All other requests are streamed through. The promise resolves when
 * the request is answered; it never rejects.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { BackupSink, LocalStorage } from '@ceres/backup-sink';
 *
 * const sink = await BackupSink.open({ storage: new LocalStorage('/backup'), spoolDir: '/var/spool/ceres', precision: 'ns' });
 * const handler = createWriteHandler('http://127.0.0.1:8086', sink, { instance: 'influxdb-0.influxdb' });
 * createServer(handler).listen(8087, '127.0.0.1');
 * ```
 *
 * @param server the URL of the InfluxDB, such as `http://127.0.0.1:8086`, without credentials: each client's own are passed on
 * @throws SinkError `INVALID_OPTIONS`
 */
export function createWriteHandler(
  server: string | URL,
  sink: BackupSink,
  options: WriteHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const context = resolveContext(server, sink, options);
  const handler = (request: IncomingMessage, response: ServerResponse) => handle(context, request, response);
  return publishCounters(handler, context.backupFirst.counters);
}

async function handle(context: HandlerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let api: WriteApi | undefined;
  const place = context.connections.enter(request);
  if (place === undefined) {
    hangUpOnFlood(request, context.logger);
    return;
  }
  try {
    if (request.httpVersionMajor !== 1) {
      throw new Refusal(505, 'the write handler takes HTTP/1.1 only, as InfluxDB 1.x does: end HTTP/2 at a proxy');
    }
    if (request.readableDidRead) {
      throw new Refusal(500, 'a body parser has read the request already: mount the write handler before it');
    }
    const { 'transfer-encoding': transferEncoding = 'chunked' } = request.headers;
    if (transferEncoding.trim().toLowerCase() !== 'chunked') {
      throw new Refusal(501, 'Unsupported transfer encoding: send the body with a length, or in plain chunks', {
        closes: true,
      });
    }
    const target = readRequestTarget(request.method ?? 'GET', request.url ?? '');
    api = target.writeApi;
    if (api === undefined) {
      place.begun();
      if (place.before !== undefined) await place.before.done;
      await passThrough(context.upstream, request, response, target.path);
    } else {
      await handleWrite(context, { request, response, api, parameters: target.parameters, place });
    }
  } catch (error) {
    replyToFailure(response, api, error, context.logger);
  } finally {
    place.begun();
    place.done();
  }
}

/** Ends a connection with too many requests in progress. Node reads on as long as none is answered, and each of them holds memory. */
function hangUpOnFlood({ socket }: IncomingMessage, logger: Logger): void {
  if (socket.destroyed) return;
  logger.warn({ client: socket.remoteAddress }, 'a client pipelined too many requests; its connection was closed');
  socket.destroy();
}

function resolveContext(server: string | URL, sink: BackupSink, options: WriteHandlerOptions): HandlerContext {
  const upstream = new Upstream(serverUrl(server));
  const internals = sinkOf(sink);
  const resolved = resolveTeeOptions('createWriteHandler()', options, [
    'bodyBytesMax',
    'inflatedBytesMax',
    'credentialGraceMs',
    'linesMax',
    'lineBytesMax',
    'uploadBytesPerSecondMin',
  ]);
  const {
    bodyBytesMax = bodyBytesMaxDefault,
    inflatedBytesMax = inflatedBytesMaxDefault,
    linesMax = linesMaxDefault,
    lineBytesMax = lineBytesMaxDefault,
    uploadBytesPerSecondMin = uploadBytesPerSecondMinDefault,
  } = options;
  const sizes = { min: 1, max: bytesMax, unit: 'bytes' };
  check.number('bodyBytesMax', bodyBytesMax, sizes);
  check.number('inflatedBytesMax', inflatedBytesMax, sizes);
  check.wholeNumber('linesMax', linesMax, { min: 1, max: bytesMax });
  check.number('lineBytesMax', lineBytesMax, sizes);
  check.number('uploadBytesPerSecondMin', uploadBytesPerSecondMin, { min: 0, max: bytesMax, unit: 'bytes per second' });
  const { credentialGraceMs = credentialGraceMsDefault } = options;
  check.number('credentialGraceMs', credentialGraceMs, { min: 0, max: credentialGraceMsMax, unit: 'milliseconds' });
  const backupFirst = new BackupFirst(internals, { ...resolved, backupMsMax });
  const credentials = new CredentialCheck({
    upstream,
    known: knownCredentialsOf(internals),
    instance: resolved.instance,
    graceMs: credentialGraceMs,
    clock: internals.clock,
    logger: internals.logger,
    counters: backupFirst.counters,
  });
  return {
    backupFirst,
    upstream,
    connections: new ConnectionOrder(),
    credentials,
    limits: {
      bodyBytesMax,
      inflatedBytesMax,
      linesMax,
      lineBytesMax,
      silenceMsMax,
      uploadMsMax,
      uploadBytesPerSecondMin,
    },
    budget: new BodyBudget(2 * Math.max(bodyBytesMax, inflatedBytesMax)),
    influxTimeoutMs: resolved.influxTimeoutMs,
    storedPrecision: sink.precision,
    logger: internals.logger,
  };
}

/** The messages do not show the URL: it may carry a password. */
function serverUrl(server: unknown): URL {
  const text = String(server);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new SinkError(
      'INVALID_OPTIONS',
      'Expected `server` to be the URL of an InfluxDB, such as http://127.0.0.1:8086.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new SinkError(
      'INVALID_OPTIONS',
      'Expected `server` to be a URL without credentials: the write handler passes on those of each client.',
    );
  }
  return url;
}
