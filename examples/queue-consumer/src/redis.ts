import { createClient } from '@redis/client';

/** A connected client. */
export type RedisClient = Awaited<ReturnType<typeof connectRedis>>;

/** Connects to Redis. The client reconnects by itself; without a listener of its errors, a lost connection would end the process. */
export function connectRedis(url: string) {
  return createClient({ url })
    .on('error', (error: Error) => console.error(`Redis: ${error.message}`))
    .connect();
}
