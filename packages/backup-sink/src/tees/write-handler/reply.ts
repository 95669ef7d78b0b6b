import type { ServerResponse } from 'node:http';
import { SinkError, type SinkErrorCode } from '../../errors';
import type { Logger } from '../../report/logger';
import { InfluxWriteError, isBackedUp } from '../backup-first/errors';
import type { WriteApi } from '../parameters/write-target';
import type { KeptAnswer } from './credentials/ask-influx';

/** The handler's own answer, in place of InfluxDB's. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** True if the rest of the request is not worth reading: the connection ends with the answer. */
  readonly closes: boolean;

  constructor(status: number, message: string, options: { readonly closes?: boolean; readonly cause?: unknown } = {}) {
    super(message, options);
    this.status = status;
    this.closes = options.closes ?? false;
  }
}

/** The client left, so that no one waits for an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client closed the connection');
  }
}

/** An answer that InfluxDB gave to a question of ours, and that is the client's too. */
export class PassedOn extends Error {
  override readonly name = 'PassedOn';
  readonly answer: KeptAnswer;

  constructor(answer: KeptAnswer) {
    super(`InfluxDB answered HTTP ${answer.status}`);
    this.answer = answer;
  }
}

/** A client that waits this long may find that the spool has drained or the disk was replaced. */
const retryAfterSeconds = 5;
/** How long an unread upload may go on after its refusal, so that the client gets to read the answer. */
const lingerMsMax = 1_000;

const clientsFaults: ReadonlySet<SinkErrorCode> = new Set(['INVALID_DATA', 'INVALID_NAME']);

/** Answers a request that failed, according to what it failed at. */
export function replyToFailure(
  response: ServerResponse,
  api: WriteApi | undefined,
  error: unknown,
  logger: Logger,
): void {
  if (error instanceof ClientGone || response.destroyed) {
    response.destroy();
  } else if (error instanceof PassedOn && !response.headersSent) {
    const { status, headers, body } = error.answer;
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  } else if (error instanceof Refusal) {
    replyWithError(response, api, error.status, error.message, error.closes);
  } else if (error instanceof SinkError && clientsFaults.has(error.code)) {
    replyWithError(response, api, 400, error.message);
  } else if (error instanceof SinkError) {
    replyWithError(
      response,
      api,
      503,
      `the backup cannot take the points, so InfluxDB was not asked: ${error.message}`,
    );
  } else if (error instanceof InfluxWriteError) {
    const backedUp = isBackedUp(error) ? ' (the points are backed up)' : '';
    replyWithError(response, api, error.code === 'TIMEOUT' ? 504 : 502, `${error.message}${backedUp}`);
  } else {
    logger.error({ err: error }, 'the write handler failed');
    replyWithError(response, api, 500, 'the write handler failed: see the log of the service');
  }
}

/** Answers with an error, in the shape that the clients of that API read. */
export function replyWithError(
  response: ServerResponse,
  api: WriteApi | undefined,
  status: number,
  message: string,
  closes = false,
): void {
  if (response.headersSent) {
    response.destroy(); // Half an answer is out: only a broken connection tells the client that it is incomplete.
    return;
  }
  const body = api === 'v1' || api === undefined ? { error: message } : { code: v2Code(status), message };
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    ...(closes ? { connection: 'close' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
  if (closes) hangUp(response);
}

/** Returns the word of `/api/v2` for a status. */
function v2Code(status: number): string {
  if (status === 413) return 'request too large';
  if (status === 503) return 'unavailable';
  return status >= 500 ? 'internal error' : 'invalid';
}

/** Reads on for a moment without keeping anything: if the connection closed at once, the client would see a reset and no answer. */
function hangUp(response: ServerResponse): void {
  const { req: request } = response;
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMsMax);
  request.once('close', () => clearTimeout(timer));
}
