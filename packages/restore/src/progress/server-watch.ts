import type { Clock } from '@ceres/storage';

/** Says that the server stopped answering, or answers again. */
export type ServerEvent =
  | {
      readonly state: 'away';
      readonly reason: string;
      /** How long it is waited for, ms. */
      readonly patienceMs: number;
    }
  | {
      readonly state: 'back';
      /** How long it was away, ms. */
      readonly awayMs: number;
    };

/** Knows whether the server answers, and reports each change once, whichever of many calls notices it first. */
export class ServerWatch {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #report: (event: ServerEvent) => void;
  #awaySinceMs: number | undefined;

  constructor(clock: Clock, patienceMs: number, report: (event: ServerEvent) => void) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#report = report;
  }

  failed(reason: string): void {
    if (this.#awaySinceMs !== undefined) return;
    this.#awaySinceMs = this.#clock.now();
    this.#report({ state: 'away', reason, patienceMs: this.#patienceMs });
  }

  answered(): void {
    if (this.#awaySinceMs === undefined) return;
    const awayMs = this.#clock.now() - this.#awaySinceMs;
    this.#awaySinceMs = undefined;
    this.#report({ state: 'back', awayMs });
  }
}
