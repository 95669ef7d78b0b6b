import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { onPipe } from './own-connection';

/** Node publishes every answer that a client of this process gets, before any of its body has been read. */
const channelName = 'http.client.response.finish';

interface Answered {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
}

/**
 * Ends the bodies of Google's answers about one bucket as soon as their connection closes, also where that is too early.
 *
 * Client 7.x pipes Node's response into a stream of its own, and a pipe does not pass on that its source has broken off.
 * Without this, a body that is cut short by an orderly end of the connection (FIN) leaves the client waiting for a timeout.
 * The reader of the body must notice that it is short: `readObjectBytes` counts its bytes, `readPage` demands whole JSON.
 *
 * With a later client that pipes differently, only promptness is lost.
 */
export class CutAnswers {
  readonly #bucket: string;
  readonly #hosts = new Map<string, number>();

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  /** Runs a call to `apiEndpoint` while its answers are watched. */
  async during<T>(apiEndpoint: string, call: () => Promise<T>): Promise<T> {
    const stop = this.watch(apiEndpoint);
    try {
      return await call();
    } finally {
      stop();
    }
  }

  /** Watches answers of `apiEndpoint` until the function that it returns is called. All calls share one subscription. */
  watch(apiEndpoint: string): () => void {
    const { host } = new URL(apiEndpoint);
    if (this.#hosts.size === 0) subscribe(channelName, this.#onAnswer);
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
    return () => {
      const left = (this.#hosts.get(host) ?? 0) - 1;
      if (left > 0) this.#hosts.set(host, left);
      else this.#hosts.delete(host);
      if (this.#hosts.size === 0) unsubscribe(channelName, this.#onAnswer);
    };
  }

  /** A field, so that it can be subscribed and unsubscribed as it is. */
  readonly #onAnswer = (message: unknown): void => {
    const { request, response } = message as Answered;
    if (!this.#hosts.has(String(request.getHeader('host')))) return;
    if (!request.path.includes(`/b/${encodeURIComponent(this.#bucket)}/`)) return;
    onPipe(response, (destination) => {
      response.once('close', () => {
        if (!response.complete) destination.end();
      });
    });
  };
}
