/** The public `transport` of the v2 and v3 clients. Structural, so that neither client is a dependency. */
export interface ClientTransport {
  send(path: string, body: string, options: object, callbacks?: object): void;
}

/** What a tee reads of the clients' `SendOptions`; the rest passes through. */
export interface SendOptions {
  readonly signal?: AbortSignal;
}

/** The second way in which both clients' transports send, for one decoded answer. */
export type TransportRequest = (
  path: string,
  body: unknown,
  options: SendOptions,
  ...more: readonly unknown[]
) => Promise<unknown>;

/** The callbacks of both client libraries (`CommunicationObserver`). Each of them may be missing. */
export interface SendCallbacks {
  responseStarted?(headers: object, statusCode?: number): void;
  next?(data: Uint8Array): boolean | undefined;
  error?(error: Error): void;
  complete?(): void;
  useCancellable?(cancellable: object): void;
  useResume?(resume: () => void): void;
}

/** The head of an answer, kept until it is known what the caller should see of it. */
export type AnswerHead = readonly [headers: object, statusCode?: number];

/** Makes a promise of `send`: it resolves at `complete` and rejects at `error`. What comes in between goes to `callbacks`. */
export function exchange(
  transport: ClientTransport,
  path: string,
  body: string,
  options: object,
  callbacks: SendCallbacks,
): Promise<AnswerHead | undefined> {
  return new Promise((resolve, reject) => {
    let head: AnswerHead | undefined;
    const { useCancellable, useResume } = callbacks;
    transport.send(path, body, options, {
      responseStarted: (...started: AnswerHead) => {
        head = started;
      },
      next: (data: Uint8Array) => callbacks.next?.(data),
      error: reject,
      complete: () => resolve(head),
      ...(useCancellable ? { useCancellable: (cancellable: object) => callbacks.useCancellable?.(cancellable) } : {}),
      ...(useResume ? { useResume: (resume: () => void) => callbacks.useResume?.(resume) } : {}),
    });
  });
}
