import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BackupSink } from '../sink';
import { BackupFirst } from './backup-first/backup-first';
import { atLeastOne, invalidOption } from './option-checks';
import { resolveTeeOptions, sinkOf, type TeeOptions } from './options';
import type { WriteApi } from './parameters/write-target';
import { publishCounters } from './tee-stats';
import { type HandlerContext, handleWrite } from './write-handler/handle-write';
import { Upstream } from './write-handler/influx/upstream';
import { passThrough } from './write-handler/pass-through';
import { Refusal, replyToFailure } from './write-handler/reply';
import { BodyBudget } from './write-handler/request/body-budget';
import { readRequestTarget } from './write-handler/request/request-target';

export interface WriteHandlerOptions extends TeeOptions {
  /** The longest body of a write as it is sent; default 25,000,000, InfluxDB's own `max-body-size`. */
  readonly bodyBytesMax?: number;
  /** The longest body of a write once inflated; default 100,000,000. All writes under way together may hold twice that. */
  readonly inflatedBytesMax?: number;
}

const tee = 'createWriteHandler';
const bodyBytesMaxDefault = 25_000_000;
const inflatedBytesMaxDefault = 100_000_000;
/** No buffer of Node's is longer on every platform. */
const bytesMax = 2 ** 31 - 1;
/** Stalled uploads must not pile up. */
const silenceMsMax = 30_000;
/** Node's own `requestTimeout`, which is off where Fastify made the server. */
const uploadMsMax = 300_000;
/** A spool that is full, or a disk that hangs, may come round; clients give up, and come again, after about as long. */
const backupMsMax = 30_000;

/**
 * An InfluxDB for clients in every language, with a backup: a plain `(req, res)` for `node:http`, Express, Fastify or
 * Hono's Node server, mounted before any body parser.
 *
 * `POST /write` and `POST /api/v2/write` (bucket `db/rp`) are backed up, then sent to the server as `POST /write`, which
 * every 1.x server has, and its answer is passed on. All other requests are streamed through. The promise resolves when
 * the request is answered; it never rejects.
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
  return publishCounters(handler, context.first.counters);
}

async function handle(context: HandlerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let api: WriteApi | undefined;
  try {
    if (request.readableDidRead) {
      throw new Refusal(500, 'a body parser has read the request already: mount the write handler before it');
    }
    const target = readRequestTarget(request.method ?? 'GET', request.url ?? '');
    api = target.writeApi;
    if (api === undefined) await passThrough(context.upstream, request, response, target.path);
    else await handleWrite(context, request, response, api, target.parameters);
  } catch (error) {
    replyToFailure(response, api, error, context.logger);
  }
}

function resolveContext(server: string | URL, sink: BackupSink, options: WriteHandlerOptions): HandlerContext {
  const internals = sinkOf(tee, sink);
  const resolved = resolveTeeOptions(tee, options, ['bodyBytesMax', 'inflatedBytesMax']);
  const { bodyBytesMax = bodyBytesMaxDefault, inflatedBytesMax = inflatedBytesMaxDefault } = options;
  atLeastOne(tee, 'bodyBytesMax', bodyBytesMax, bytesMax);
  atLeastOne(tee, 'inflatedBytesMax', inflatedBytesMax, bytesMax);
  return {
    first: new BackupFirst(internals, { ...resolved, backupMsMax }),
    upstream: new Upstream(serverUrl(server)),
    limits: { bodyBytesMax, inflatedBytesMax, silenceMsMax, uploadMsMax },
    budget: new BodyBudget(2 * Math.max(bodyBytesMax, inflatedBytesMax)),
    influxTimeoutMs: resolved.influxTimeoutMs,
    storedPrecision: sink.precision,
    logger: internals.logger,
  };
}

function serverUrl(server: unknown): URL {
  const text = String(server);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw invalidOption(tee, `needs the URL of the InfluxDB, such as http://127.0.0.1:8086`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidOption(tee, `takes no credentials in the URL of the InfluxDB: it passes on those of each client`);
  }
  return url;
}
