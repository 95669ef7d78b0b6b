/** For the v2 and v3 clients' public `transport` option; structural, no dependency. */
export interface ClientTransport {
  send(path: string, body: string, options: object, callbacks?: object): void;
}

/** What a tee reads of the clients' `SendOptions`; the rest passes through. */
export interface SendOptions {
  readonly signal?: AbortSignal;
}

/** The second way in which both clients' transports send: for one decoded answer. */
export type TransportRequest = (
  path: string,
  body: unknown,
  options: SendOptions,
  ...more: readonly unknown[]
) => Promise<unknown>;
