import { ErrorReply } from '@redis/client';
import type { RedisClient } from './redis';

/** The stream, and the consumer that reads it. */
export interface Subscription {
  readonly stream: string;
  readonly group: string;
  /** Must be the same after every restart: by this name Redis delivers again what the consumer took and did not commit. */
  readonly consumer: string;
}

/** One entry of the stream, as Redis delivers it. */
export interface Delivery {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

const batchSize = 100;
const blockMs = 250;

/**
 * Yields what this consumer has to do, in the order of the stream: first what it took before a crash, then what is new. A batch
 * must be committed before the next one is requested. Ends within `blockMs` of the abort.
 */
export async function* deliveries(
  redis: RedisClient,
  { stream, group, consumer }: Subscription,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  await createGroup(redis, stream, group);
  while (!signal.aborted) {
    const pending = await redis.xPendingRange(stream, group, '-', '+', batchSize, { consumer });
    if (pending.length === 0) break;
    // Redis leaves out entries that were trimmed from the stream since then, and they are no longer pending.
    const ids = pending.map(({ id }) => id);
    const messages = await redis.xClaim(stream, group, consumer, 0, ids);
    yield messages.filter((message) => message !== null).map(toDelivery);
  }
  while (!signal.aborted) {
    const news = { key: stream, id: '>' };
    const streams = await redis.xReadGroup(group, consumer, news, { COUNT: batchSize, BLOCK: blockMs });
    yield (streams?.[0]?.messages ?? []).map(toDelivery);
  }
}

async function createGroup(redis: RedisClient, stream: string, group: string): Promise<void> {
  try {
    await redis.xGroupCreate(stream, group, '0', { MKSTREAM: true });
  } catch (error) {
    const exists = error instanceof ErrorReply && error.message.startsWith('BUSYGROUP');
    if (!exists) throw error;
  }
}

function toDelivery({ id, message }: { id: string; message: Record<string, string> }): Delivery {
  return { id, fields: message };
}
