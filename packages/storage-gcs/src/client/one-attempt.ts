import type { Bucket, File } from '@google-cloud/storage';

type RequestInterceptor = NonNullable<Bucket['interceptors'][number]['request']>;

/**
 * Makes the client send each request of this bucket or file once, and close its connection when there is no answer after
 * `timeoutMs`. The client's own options cannot do it: a ready client has retries of its own, and a timeout per upload is
 * ignored.
 */
export function inOneAttempt<T extends Bucket | File>(target: T, timeoutMs: number): T {
  // The client's types have two names for one thing, and only the second one has maxRetries.
  const request: RequestInterceptor = (options) =>
    Object.assign(options as ReturnType<RequestInterceptor>, { timeout: timeoutMs, maxRetries: 0 });
  target.interceptors.push({ request });
  return target;
}
