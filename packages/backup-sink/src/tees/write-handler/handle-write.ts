import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Precision } from '@ceres/lineproto';
import type { EncodedLines } from '../../internals';
import type { Logger } from '../../report/logger';
import type { BackupFirst } from '../backup-first/backup-first';
import { InfluxWriteError } from '../backup-first/errors';
import { needsVersion, readTarget, type WriteApi, type WriteTarget } from '../parameters/write-target';
import { outcomeOf, relay } from './influx/answer';
import { forwarderOf, type SendLines } from './influx/forward-write';
import { readTargetAsServer } from './influx/unknown-precision';
import type { Upstream } from './influx/upstream';
import { ClientGone, replyWithError } from './reply';
import type { BodyBudget, BodyLease } from './request/body-budget';
import { type BodyLimits, decodeBody, receiveBody } from './request/request-body';

/** What the requests of one handler share. */
export interface HandlerContext {
  readonly backupFirst: BackupFirst;
  readonly upstream: Upstream;
  readonly limits: BodyLimits;
  readonly budget: BodyBudget;
  readonly influxTimeoutMs: number;
  /** The sink's precision: what is backed up is forwarded in it. */
  readonly storedPrecision: Precision;
  readonly logger: Logger;
}

/** Backs up the lines of a write, sends the same lines to InfluxDB, and passes its answer on. */
export async function handleWrite(
  context: HandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
  api: WriteApi,
  parameters: URLSearchParams,
): Promise<void> {
  const target = readTarget(api, parameters, 'ns');
  const lease = context.budget.lease();
  try {
    const body = await receiveBody(request, context.limits, lease);
    // From here on a client that leaves takes nothing back: a write that is complete is made, as InfluxDB would.
    try {
      await writeBody(context, request, response, api, parameters, target, body, lease);
    } finally {
      if (hasLeft(response)) countLeft(context, target);
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
  request: IncomingMessage,
  response: ServerResponse,
  api: WriteApi,
  parameters: URLSearchParams,
  target: WriteTarget,
  received: Buffer,
  lease: BodyLease,
): Promise<void> {
  const { backupFirst, upstream, storedPrecision, influxTimeoutMs } = context;
  const body = await decodeBody(received, request.headers['content-encoding'], context.limits, lease);
  const { precision } = needsVersion(api, parameters) ? await readTargetAsServer(upstream, api, parameters) : target;
  const encoded = backupFirst.encode({ lines: body, precision });
  const send = forwarderOf(upstream, request, parameters, target, storedPrecision);
  if (encoded.lines + encoded.quarantined.length === 0) {
    // Only comments, or nothing at all: there is nothing to back up, and InfluxDB has its own answer to it.
    const signal = AbortSignal.timeout(influxTimeoutMs);
    await relay(await send(body, signal), response, signal);
    return;
  }
  const answer = await backUpThenSend(backupFirst, target, encoded, send);
  await respond(response, api, answer, encoded.quarantined, influxTimeoutMs);
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
  quarantined: readonly number[],
  timeoutMs: number,
): Promise<void> {
  if (hasLeft(response)) {
    answer?.resume(); // Its connection can be used again.
    throw new ClientGone();
  }
  const isStored = answer === undefined || outcomeOf(answer).kind === 'stored';
  if (!isStored) return relay(answer, response, AbortSignal.timeout(timeoutMs));
  if (quarantined.length > 0) {
    answer?.resume();
    replyWithError(response, api, 400, partialWrite(quarantined));
  } else if (answer === undefined) {
    response.writeHead(204).end();
  } else {
    await relay(answer, response, AbortSignal.timeout(timeoutMs));
  }
}

/** Says in InfluxDB's words, which clients look for, what was not stored. InfluxDB counts as dropped only points that it could parse. */
function partialWrite(quarantined: readonly number[]): string {
  const shown = quarantined.slice(0, 10).map((index) => index + 1);
  const more = quarantined.length > shown.length ? ', …' : '';
  return `partial write: unable to parse records ${shown.join(', ')}${more}; they are in the backup's quarantine dropped=0`;
}
