import { createClient } from '@redis/client';

export type RedisClient = Awaited<ReturnType<typeof connectRedis>>;

/** Reconnects by itself for ever; without a listener of its errors the first lost connection would end the process. */
export function connectRedis(url: string) {
  return createClient({ url })
    .on('error', (error: Error) => console.error(`Redis: ${error.message}`))
    .connect();
}
