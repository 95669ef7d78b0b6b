import { v7 } from 'uuid';

/**
 * Issues file names that sort in the order the files were opened: UUIDv7 with ms = max(now, last + 1), across clock
 * steps and restarts (`uuid` alone goes back with the clock, and after a restart).
 */
export class NameIssuer {
  #lastMs: number;
  readonly #now: () => number;

  /** @param lastMs the time of the newest name ever issued in this spool; 0 in a new one */
  constructor(lastMs: number, now: () => number) {
    this.#lastMs = lastMs;
    this.#now = now;
  }

  /** The time of the newest name; no later call returns one that sorts before it. */
  get lastMs(): number {
    return this.#lastMs;
  }

  issue(): string {
    this.#lastMs = this.nextMs();
    return uuidOf(this.#lastMs);
  }

  /** Makes later names sort after this moment. */
  skipTo(ms: number): void {
    this.#lastMs = Math.max(this.#lastMs, ms);
  }

  /** Returns the time that the next name will have: now, or later if the clock was set back. */
  nextMs(): number {
    return Math.max(Math.floor(this.#now()), this.#lastMs + 1);
  }
}

/** Returns another name with the same place in the order. */
export function sameMomentName(id: string): string {
  return uuidOf(uuidMs(id));
}

/** Returns the time of a UUIDv7 in ms since the epoch: its first 48 bits (RFC 9562, section 5.7). */
export function uuidMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Returns the UTC day as a count of days since the epoch. */
export function utcDayNumber(ms: number): number {
  return Math.floor(ms / 86_400_000);
}

function uuidOf(msecs: number): string {
  return v7({ msecs });
}
