import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Precision } from '@ceres/lineproto';
import type { EncodedLines } from '../../internals';
import type { Logger } from '../../report/logger';
import type { BackupFirst } from '../backup-first/backup-first';
import { InfluxWriteError } from '../backup-first/errors';
import { needsVersion, readTarget, type WriteApi, type WriteTarget } from '../parameters/write-target';
import type { CredentialCheck } from './credentials/credential-check';
import { outcomeOf, relay } from './influx/answer';
import { forwarderOf, type SendLines } from './influx/forward-write';
import { readTargetAsServer } from './influx/unknown-precision';
import type { Upstream } from './influx/upstream';
import { ClientGone, replyWithError } from './reply';
import type { BodyBudget, BodyLease } from './request/body-budget';
import type { ConnectionOrder, Place } from './request/connection-order';
import { type BodyLimits, decodeBody, receiveBody } from './request/request-body';

/** What the requests of one handler share. */
export interface HandlerContext {
  readonly backupFirst: BackupFirst;
  readonly upstream: Upstream;
  readonly connections: ConnectionOrder;
  readonly credentials: CredentialCheck;
  readonly limits: BodyLimits;
  readonly budget: BodyBudget;
  readonly influxTimeoutMs: number;
  /** The sink's precision: what is backed up is forwarded in it. */
  readonly storedPrecision: Precision;
  readonly logger: Logger;
}

/** A request that writes, and where its answer goes. */
export interface WriteRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly api: WriteApi;
  readonly parameters: URLSearchParams;
  readonly place: Place;
}

/** Backs up the lines of a write, sends the same lines to InfluxDB, and passes its answer on. */
export async function handleWrite(context: HandlerContext, write: WriteRequest): Promise<void> {
  const target = readTarget(write.api, write.parameters, 'ns');
  const lease = context.budget.lease();
  try {
    const body = await receiveBody(write.request, context.limits, lease);
    // From here on a client that leaves takes nothing back: a write that is complete is made, as InfluxDB would.
    try {
      await writeBody(context, write, target, body, lease);
    } finally {
      if (hasLeft(write.response)) countLeft(context, target);
    }
  } finally {
    lease.release();
  }
}

/** Says whether no answer can reach the client any more, or whether the one that was begun did not. */
function hasLeft(response: ServerResponse): boolean {
  return !response.writableFinished && (response.destroyed || response.socket?.writable === false);
}

function countLeft({ backupFirst, logger }: HandlerContext, { database, retentionPolicy }: WriteTarget): void {
  backupFirst.counters.clientsGone += 1;
  logger.warn({ database, retentionPolicy }, 'a client left before its answer; its write went on without it');
}

async function writeBody(
  context: HandlerContext,
  write: WriteRequest,
  target: WriteTarget,
  received: Buffer,
  lease: BodyLease,
): Promise<void> {
  const { backupFirst, upstream, storedPrecision, influxTimeoutMs } = context;
  const { request, response, api, parameters } = write;
  const send = forwarderOf(upstream, request, parameters, target, storedPrecision);
  // Nothing to back up: InfluxDB has its own answer to an empty write, and to the credential that comes with it.
  if (received.length === 0) return relayAnswer(send, received, response, influxTimeoutMs);
  await context.credentials.admit(write, target.database);
  // Of several encodings InfluxDB knows the first.
  const body = await decodeBody(received, request.headersDistinct['content-encoding']?.[0], context.limits, lease);
  const { precision } = needsVersion(api, parameters) ? await readTargetAsServer(upstream, api, parameters) : target;
  await write.place.before?.begun; // The write behind this one on its connection waits in turn until this one has begun.
  const encoded = await backupFirst.encode({ lines: body, precision });
  // Only comments: the same.
  if (encoded.lines + encoded.quarantined.length === 0) return relayAnswer(send, body, response, influxTimeoutMs);
  const answering = backUpThenSend(backupFirst, target, encoded, send);
  write.place.begun();
  const answer = await answering;
  if (answer?.statusCode === 401 || answer?.statusCode === 403) context.credentials.forget(write, target.database);
  await respond(response, api, answer, encoded.rejects, influxTimeoutMs);
}

async function relayAnswer(send: SendLines, body: Buffer, response: ServerResponse, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  await relay(await send(body, signal), response, signal);
}

/**
 * Returns InfluxDB's answer, also if it is an error; `undefined` where the backup has to be enough: nothing was left to send,
 * or InfluxDB failed and `onInfluxError` is `'resolve'`. A 4xx is passed on even then, because no replay makes it go away.
 */
async function backUpThenSend(
  backupFirst: BackupFirst,
  { database, retentionPolicy }: WriteTarget,
  encoded: EncodedLines,
  send: SendLines,
): Promise<IncomingMessage | undefined> {
  const asked: { answer?: IncomingMessage } = {};
  try {
    await backupFirst.write({ database, retentionPolicy }, encoded, async (signal) => {
      if (encoded.lines === 0) return;
      asked.answer = await send(encoded.bytes, signal);
      const outcome = outcomeOf(asked.answer);
      if (outcome.kind !== 'stored') throw new InfluxWriteError(outcome);
    });
  } catch (error) {
    if (asked.answer === undefined) throw error;
    return asked.answer;
  }
  if ((asked.answer?.statusCode ?? 0) < 500) return asked.answer;
  asked.answer?.resume(); // Its connection can be used again.
  return undefined;
}

async function respond(
  response: ServerResponse,
  api: WriteApi,
  answer: IncomingMessage | undefined,
  rejects: EncodedLines['rejects'],
  timeoutMs: number,
): Promise<void> {
  if (hasLeft(response)) {
    answer?.resume(); // Its connection can be used again.
    throw new ClientGone();
  }
  const isStored = answer === undefined || outcomeOf(answer).kind === 'stored';
  if (!isStored) return relay(answer, response, AbortSignal.timeout(timeoutMs));
  if (rejects.length > 0) {
    answer?.resume();
    replyWithError(response, api, 400, partialWrite(rejects));
  } else if (answer === undefined) {
    response.writeHead(204).end();
  } else {
    await relay(answer, response, AbortSignal.timeout(timeoutMs));
  }
}

/** The most refused lines that an answer shows, and the most characters of each. */
const shownLinesMax = 10;
const shownCharactersMax = 100;

/** Says in InfluxDB's words, which clients look for, what was not stored. InfluxDB counts as dropped only points that it could parse. */
function partialWrite(rejects: EncodedLines['rejects']): string {
  const shown = rejects.slice(0, shownLinesMax).map(({ bytes, error }) => {
    const line = Buffer.from(bytes.subarray(0, 4 * shownCharactersMax)).toString('utf8');
    const text = line.length > shownCharactersMax ? `${line.slice(0, shownCharactersMax)}…` : line;
    return `unable to parse '${text}': ${error.message}`;
  });
  const more = rejects.length > shown.length ? [`and ${rejects.length - shown.length} more`] : [];
  return `partial write: ${[...shown, ...more].join('\n')} dropped=0`;
}
