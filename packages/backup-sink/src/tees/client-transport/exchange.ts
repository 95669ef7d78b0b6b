import type { ClientTransport } from './transport';

/** What both client libraries call back with (`CommunicationObserver`); each part may be missing. */
export interface SendCallbacks {
  responseStarted?(headers: object, statusCode?: number): void;
  next?(data: Uint8Array): boolean | undefined;
  error?(error: Error): void;
  complete?(): void;
  useCancellable?(cancellable: object): void;
  useResume?(resume: () => void): void;
}

/** The head of an answer, kept until it is known what the caller shall see of it. */
export type AnswerHead = readonly [headers: object, statusCode?: number];

/** `send` as a promise: resolves at `complete`, rejects at `error`. What comes in between goes to `callbacks`. */
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
