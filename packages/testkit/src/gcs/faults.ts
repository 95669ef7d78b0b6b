import type { GcsMethod } from './call';

/** Something that goes wrong with one request. */
type GcsFaultKind =
  /** Answered with this status instead of being done. An upload is read to its end first. */
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly reason?: string }
  /** The connection is cut after half of the body, of the upload or of the download; nothing is stored. */
  | { readonly kind: 'reset' }
  /** Done, but the connection is cut instead of an answer. */
  | { readonly kind: 'lose-reply' }
  /** Never answered while the connection stays open; of a download, half of the body passes. */
  | { readonly kind: 'stall' }
  /** One bit of the uploaded bytes flips on the way, so that a declared checksum no longer fits. */
  | { readonly kind: 'flip-bit' };

/** A fault, and the requests it hits. */
export type GcsFault = GcsFaultKind & {
  /** Default: any. */
  readonly on?: GcsMethod;
  /** How many requests it hits; default 1. */
  readonly times?: number;
};

/** The faults still to happen, oldest first. */
export class FaultQueue {
  #faults: { readonly fault: GcsFault; left: number }[] = [];

  add(fault: GcsFault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault for this request, if any; counted as happened. */
  take(method: GcsMethod): GcsFault | undefined {
    const next = this.#faults.find(({ fault }) => fault.on === undefined || fault.on === method);
    if (next === undefined) return undefined;
    next.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return next.fault;
  }
}
