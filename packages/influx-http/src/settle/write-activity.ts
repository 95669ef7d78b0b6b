import { InfluxHttpError } from '../errors';
import type { HttpClient } from '../http/client';
import { readWhole } from '../http/read-body';

/** `/debug/vars` has about 200 bytes per shard: this is room for more than 100,000 shards. */
const bytesMax = 32 * 1024 * 1024;

/** Says whether InfluxDB is applying writes at this moment. */
export interface WriteActivity {
  /** `unknown`: the server shows neither its counters nor its goroutines. `down`: it does not answer. */
  readonly state: 'idle' | 'busy' | 'unknown' | 'down';
  /** How many requests to shards have ended since the server was started, as far as it says. */
  readonly ended: number;
}

/**
 * Asks the server whether it is applying writes. Each shard counts a request as begun (`writeReq`) and as ended (`writeReqOk`,
 * `writeReqErr`); equal counts mean that it is idle. Some requests that fail are never counted as ended, such as one that gives
 * a new field two types: where the counts differ, the goroutines tell whether one is at work.
 *
 * @throws the signal's reason
 */
export async function readWriteActivity(client: HttpClient, signal: AbortSignal | undefined): Promise<WriteActivity> {
  const variables = await get(client, 'debug/vars', signal);
  if (variables === 'down') return { state: 'down', ended: 0 };
  const counts = count(variables);
  const ended = counts?.ended ?? 0;
  if (counts?.unended === 0) return { state: 'idle', ended };
  const goroutines = await get(client, 'debug/pprof/goroutine', signal);
  if (goroutines === 'down') return { state: 'down', ended };
  if (!goroutines.startsWith('goroutine profile:')) return { state: 'unknown', ended };
  return { state: /\(\*PointsWriter\)|\.serveWrite\b/.test(goroutines) ? 'busy' : 'idle', ended };
}

/** Returns what the server answers; `down` if it does not answer, the empty string if it refuses to tell. */
async function get(client: HttpClient, path: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { status, body } = await client.send({ method: 'GET', path, parameters: { debug: '1' }, signal });
    const text = (await readWhole(body, bytesMax)).toString();
    return status === 200 ? text : '';
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof InfluxHttpError) return error.retryable ? 'down' : '';
    throw error;
  }
}

interface Variable {
  readonly name?: unknown;
  readonly values?: Readonly<Record<string, number>>;
}

/** Sums up `{"shard:PATH:ID":{"name":"shard","values":{"writeReq":1,…}},"httpd::8086":{"name":"httpd","values":{…}},…}`. */
function count(text: string): { readonly unended: number; readonly ended: number } | undefined {
  let counts: { unended: number; ended: number } | undefined;
  for (const { name, values = {} } of parse(text)) {
    if (name !== 'shard' && name !== 'httpd') continue;
    counts ??= { unended: 0, ended: 0 };
    const { writeReq = 0, writeReqOk = 0, writeReqErr = 0, writeReqActive = 0 } = values;
    if (name === 'httpd') {
      counts.unended += writeReqActive; // A request that is being read is in no shard yet.
    } else {
      counts.unended += writeReq - writeReqOk - writeReqErr;
      counts.ended += writeReqOk + writeReqErr;
    }
  }
  return counts;
}

function parse(text: string): readonly Variable[] {
  try {
    return Object.values(Object(JSON.parse(text)) as Record<string, unknown>).map((value) => Object(value) as Variable);
  } catch {
    return []; // Another server's page at this path: it shows no counters.
  }
}
