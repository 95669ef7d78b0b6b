import type { HttpClient } from './client';
import { InfluxHttpError } from './errors';
import { readWhole } from './read-body';

/** `/debug/vars` has some 200 bytes a shard: room for a hundred thousand of them. */
const bytesMax = 32 * 1024 * 1024;

/** What InfluxDB's own counters say of writes, at one moment. */
export interface WriteCounters {
  /** Requests each shard has begun and not ended. */
  readonly unended: ReadonlyMap<string, number>;
  /** Requests whose handler is still at work, before or after the shards. */
  readonly active: number;
  /** Equal in two readings if no write began or ended between them. */
  readonly fingerprint: string;
}

/**
 * @returns `'unanswered'` while there is no server to answer, `'hidden'` where it does not show its counters
 * @throws the signal's reason
 */
export async function readWriteCounters(
  client: HttpClient,
  signal: AbortSignal | undefined,
): Promise<WriteCounters | 'unanswered' | 'hidden'> {
  try {
    const { status, body } = await client.send({ method: 'GET', path: 'debug/vars', signal });
    const text = (await readWhole(body, bytesMax)).toString();
    return status === 200 ? toCounters(JSON.parse(text)) : 'hidden';
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SyntaxError) return 'hidden';
    if (error instanceof InfluxHttpError) return error.retryable ? 'unanswered' : 'hidden';
    throw error;
  }
}

/** `{"shard:PATH:ID":{"name":"shard","values":{"writeReq":1,…}},"httpd::8086":{"name":"httpd","values":{…}},…}` */
function toCounters(variables: unknown): WriteCounters | 'hidden' {
  const unended = new Map<string, number>();
  const counts: string[] = [];
  let active: number | undefined;
  for (const [key, variable] of Object.entries(Object(variables) as Record<string, unknown>)) {
    const { name, values = {} } = Object(variable) as { name?: unknown; values?: Record<string, number> };
    if (name === 'shard') {
      const { writeReq = 0, writeReqOk = 0, writeReqErr = 0 } = values;
      unended.set(key, writeReq - writeReqOk - writeReqErr);
      counts.push(`${key} ${writeReq} ${writeReqOk} ${writeReqErr}`);
    } else if (name === 'httpd') {
      const { writeReq = 0, writeReqActive = 0 } = values;
      active = writeReqActive;
      counts.push(`${key} ${writeReq} ${writeReqActive}`);
    }
  }
  return active === undefined ? 'hidden' : { unended, active, fingerprint: counts.sort().join('\n') };
}
