import { ErrorReply } from '@redis/client';
import type { RedisClient } from './redis';

/** Who reads which stream. */
export interface Subscription {
  readonly stream: string;
  readonly group: string;
  /** The same after every restart: what this consumer took and did not commit is given to it again, by name. */
  readonly consumer: string;
}

export interface Delivery {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

const batchSize = 100;
const blockMs = 250;

/**
 * What this consumer has to do, in the order of the stream: first what it took before a crash, then what is new. A
 * batch must be committed before the next is asked for. Ends within `blockMs` of the abort.
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
    // Entries that were trimmed from the stream meanwhile are left out, and not pending any more.
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
