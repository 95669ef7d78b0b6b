import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EncodedLines } from '../../internals';
import { InfluxWriteError } from '../backup-first/errors';
import { readTarget, type WriteApi, type WriteTarget } from '../parameters/write-target';
import { failureOf } from './answer-failure';
import type { HandlerContext } from './context';
import { refuse, relay } from './influx/answer';
import { forwarderOf, type SendLines } from './influx/forward-write';
import { ClientGone } from './refusal';
import { readBody } from './request/request-body';

/** Backs up the lines of a write, sends the same lines to InfluxDB, and passes its answer on. */
export async function handleWrite(
  context: HandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
  api: WriteApi,
  parameters: URLSearchParams,
): Promise<void> {
  const target = readTarget(api, parameters);
  const lease = context.budget.lease();
  try {
    const body = await readBody(request, context.limits, lease);
    const encoded = context.first.encode({ lines: body, precision: target.precision });
    const send = forwarderOf(context, request, parameters, target);
    if (encoded.lines + encoded.quarantined.length === 0) {
      // Comments, or nothing at all: there is nothing to back up, and InfluxDB has its own answer to it.
      const signal = AbortSignal.timeout(context.influxTimeoutMs);
      await relay(await send(body, signal), response, signal);
      return;
    }
    const answer = await backUpThenSend(context, response, target, encoded, send);
    await respond(response, api, answer, encoded.quarantined, context.influxTimeoutMs);
  } finally {
    lease.release();
  }
}

/**
 * InfluxDB's answer, also when it is an error; undefined where the backup has to be enough: nothing was left to send, or
 * InfluxDB failed and `onInfluxError` is `'resolve'`. A 4xx is passed on even then, as no replay makes it go away.
 */
async function backUpThenSend(
  { first }: HandlerContext,
  response: ServerResponse,
  { database, retentionPolicy }: WriteTarget,
  encoded: EncodedLines,
  send: SendLines,
): Promise<IncomingMessage | undefined> {
  const gone = new AbortController();
  const onGone = () => gone.abort(new ClientGone());
  response.once('close', onGone);
  const asked: { answer?: IncomingMessage } = {};
  try {
    await first.write(
      { database, retentionPolicy },
      encoded,
      async (signal) => {
        // A client that leaves from here on takes nothing back: what is backed up is also sent.
        response.off('close', onGone);
        if (encoded.lines === 0) return;
        asked.answer = await send(encoded.bytes, signal);
        const failure = failureOf(asked.answer);
        if (failure !== undefined) throw new InfluxWriteError(failure);
      },
      { signal: gone.signal },
    );
  } catch (error) {
    if (asked.answer === undefined) throw error;
    return asked.answer;
  } finally {
    response.off('close', onGone);
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
  const stored = answer === undefined || failureOf(answer) === undefined;
  if (!stored) return relay(answer, response, AbortSignal.timeout(timeoutMs));
  if (quarantined.length > 0) {
    answer?.resume();
    refuse(response, api, 400, partialWrite(quarantined));
  } else if (answer === undefined) {
    response.writeHead(204).end();
  } else {
    await relay(answer, response, AbortSignal.timeout(timeoutMs));
  }
}

/** In InfluxDB's words, which clients look for; it counts only points that it parsed as dropped. */
function partialWrite(quarantined: readonly number[]): string {
  const shown = quarantined.slice(0, 10).map((index) => index + 1);
  const more = quarantined.length > shown.length ? ', …' : '';
  return `partial write: unable to parse records ${shown.join(', ')}${more}; they are in the backup's quarantine dropped=0`;
}
