import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { WriteOutcome } from '@ceres/influx-http';
import { classifyWriteHead } from '@ceres/influx-http/internal';
import { Refusal } from '../reply';
import { endToEnd } from './headers';

/** InfluxDB's message may quote a whole bad line; the client gets all of it, a log does not need it. */
const messageLengthMax = 500;

/** Returns what the head of InfluxDB's answer to a write means; its body is left for the client. */
export function outcomeOf(answer: IncomingMessage): WriteOutcome {
  const error = answer.headers['x-influxdb-error'] ?? answer.statusMessage ?? '';
  const outcome = classifyWriteHead(answer.statusCode ?? 0, String(error));
  return outcome.kind === 'stored' ? outcome : { ...outcome, message: outcome.message.slice(0, messageLengthMax) };
}

/**
 * Passes an answer on: status, headers and body, without reading more of it than the client takes.
 *
 * @throws Refusal 502 if it breaks off; the connection to the client is broken then too
 */
export async function relay(answer: IncomingMessage, response: ServerResponse, signal?: AbortSignal): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  try {
    await pipeline(answer, response, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new Refusal(502, `InfluxDB's answer broke off: ${(error as Error).message}`, { cause: error });
  }
}
