import type { FaultTarget } from './faults';

/** The faults that have yet to happen, oldest first. */
export class FaultQueue<F extends FaultTarget> {
  #faults: { readonly fault: F; left: number }[] = [];

  add(fault: F): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** Returns the fault for this request, if there is one, and counts it as happened. */
  take(method: F['on']): F | undefined {
    const next = this.#faults.find(({ fault }) => fault.on === undefined || fault.on === method);
    if (next === undefined) return undefined;
    next.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return next.fault;
  }
}
