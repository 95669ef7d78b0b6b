import { type createTee, InfluxWriteError, SinkError } from '@ceres/backup-sink';
import { type Delivery, deliveries, type Subscription } from './deliveries';
import { parseEntry } from './entry';
import type { RedisClient } from './redis';

/** What the consumer works with. */
export interface ConsumerParts extends Subscription {
  readonly redis: RedisClient;
  readonly tee: ReturnType<typeof createTee>;
}

/**
 * Writes the entries of the stream, and commits each one once the backup has it, never before: after a crash anywhere, Redis
 * delivers it again. An entry that can never be written completely goes to the stream `<stream>:refused`, with the reason.
 *
 * @throws the error of Redis or of the tee; the queue keeps what is not committed for the next start
 */
export async function consume(parts: ConsumerParts, signal: AbortSignal): Promise<void> {
  for await (const batch of deliveries(parts.redis, parts, signal)) {
    // Databases in parallel; within one in the order of the stream, so that the last write of a point wins.
    await Promise.all(byDatabase(batch).map((queue) => commitInOrder(parts, queue)));
  }
}

async function commitInOrder(parts: ConsumerParts, queue: readonly Delivery[]): Promise<void> {
  for (const delivery of queue) await commit(parts, delivery);
}

async function commit({ redis, tee, stream, group }: ConsumerParts, { id, fields }: Delivery): Promise<void> {
  const reason = await write(tee, fields);
  if (reason === undefined) {
    await redis.xAck(stream, group, id);
  } else {
    const refused = { ...fields, reason };
    await redis.multi().xAdd(`${stream}:refused`, '*', refused).xAck(stream, group, id).exec();
  }
}

/** Errors that a retry cannot fix: if it stayed in the queue, such an entry would stop the consumer at every start. */
const entrysFaults: ReadonlySet<string> = new Set(['INVALID_DATA', 'INVALID_NAME', 'PARTLY', 'INVALID', 'TOO_LARGE']);

/** Writes an entry. Returns the reason if it can never be written completely, else `undefined`. */
async function write(tee: ConsumerParts['tee'], fields: Delivery['fields']): Promise<string | undefined> {
  const entry = parseEntry(fields);
  if (typeof entry === 'string') return entry;
  const { lines, ...to } = entry;
  try {
    await tee.write(to, { lines, precision: 's' }, { ack: 'spooled' });
    return undefined;
  } catch (error) {
    const isCoded = error instanceof SinkError || error instanceof InfluxWriteError;
    if (isCoded && entrysFaults.has(error.code)) return error.message;
    throw error;
  }
}

function byDatabase(batch: readonly Delivery[]): Delivery[][] {
  const queues = new Map<string | undefined, Delivery[]>();
  for (const delivery of batch) {
    const { database } = delivery.fields;
    queues.set(database, [...(queues.get(database) ?? []), delivery]);
  }
  return [...queues.values()];
}
