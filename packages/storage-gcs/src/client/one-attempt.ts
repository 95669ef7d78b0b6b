import type { Bucket, File } from '@google-cloud/storage';

type RequestInterceptor = NonNullable<Bucket['interceptors'][number]['request']>;

/**
 * Makes the client send each request of this bucket or file once, and cut its connection after so long without an
 * answer. Its own options cannot: a ready client brings its retries along, and a per-upload timeout is ignored.
 */
export function inOneAttempt<T extends Bucket | File>(target: T, timeoutMs: number): T {
  // The client's types call one thing by two names, of which only the second has maxRetries.
  const request: RequestInterceptor = (options) =>
    Object.assign(options as ReturnType<RequestInterceptor>, { timeout: timeoutMs, maxRetries: 0 });
  target.interceptors.push({ request });
  return target;
}
