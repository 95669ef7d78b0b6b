/** What goes wrong on the way to any store. */
export type ConnectionFault =
  /** The connection is cut after half of the uploaded or downloaded body; nothing is stored. */
  | { readonly kind: 'reset' }
  /** The request is carried out, but the connection is cut instead of an answer. */
  | { readonly kind: 'lose-reply' }
  /** The request is carried out, and the connection ends in an orderly way (FIN) in the middle of the answer's body. */
  | { readonly kind: 'cut-answer' }
  /** The connection stays open and the answer never comes; a download stops after half of the body. */
  | { readonly kind: 'stall' }
  /** One bit of the uploaded bytes flips on the way, so that a declared checksum no longer matches. */
  | { readonly kind: 'flip-bit' };

/** What goes wrong with a store that names its refusals by codes. */
export type CodedFault =
  /** The request is answered with this status instead of being carried out. An upload is read to its end first. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly message?: string }
  /** The same, before the body of an upload is read. S3 resets the connection, unless the client waits for `100 Continue`. */
  | { readonly kind: 'early-status'; readonly status: number; readonly code: string; readonly message?: string }
  /** The request is answered with a page for people, as a captive portal or a proxy does. */
  | { readonly kind: 'html'; readonly status: number };

/** The requests that a fault hits. */
export interface FaultTarget<Method extends string = string> {
  /** Limits the fault to one kind of request. Default: any. */
  readonly on?: Method;
  /** The number of requests it hits. Default: 1. */
  readonly times?: number;
}
