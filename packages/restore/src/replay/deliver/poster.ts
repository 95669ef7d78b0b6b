import assert from 'node:assert/strict';
import type { InfluxWriter, WriteOutcome } from '@ceres/influx-http';
import { type Clock, countOf, timerMsMax } from '@ceres/internal';
import type { ServerWatch } from '../../progress/server-watch';
import { serverFault } from '../../server/faults';
import type { WriteAddress } from '../route/body';
import type { Stop } from '../stop';
import type { Pace } from './pace';

/** The decision of a server about a write. Any other answer was retried. */
export type Decision = Exclude<WriteOutcome, { readonly kind: 'retry' }>;
/** The server took too long: a smaller write may be fast enough. */
export interface TooSlow {
  readonly kind: 'too-slow';
}

/** What a poster works with. */
export interface PosterSettings {
  readonly writer: InfluxWriter;
  readonly pace: Pace;
  /** The server's URL without credentials. */
  readonly url: string;
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly stop: Stop;
  readonly watch: ServerWatch;
  readonly random: () => number;
}

const delayMsMin = 200;
const delayMsMax = 10_000;
/** A server that answers, and refuses one write this often, is in more than a short trouble. */
const attemptsInTrouble = 3;

/** Sends one write until the server has decided about it. */
export class Poster {
  readonly #settings: PosterSettings;

  constructor(settings: PosterSettings) {
    this.#settings = settings;
  }

  /**
   * Sends a write until the server has decided about it. After an ambiguous answer, nothing is sent before the server is
   * idle: a write that it may still be applying would overwrite later ones.
   *
   * @throws RestoreError `SERVER_UNREACHABLE` when the patience is over; the signal's reason
   */
  async post(bytes: Uint8Array, records: number, to: WriteAddress): Promise<Decision> {
    const decision = await this.#post(bytes, records, to, false);
    assert(decision.kind !== 'too-slow');
    return decision;
  }

  /** Sends a write like `post`, but gives up once the server has answered too late. */
  async tryPost(bytes: Uint8Array, records: number, to: WriteAddress): Promise<Decision | TooSlow> {
    return await this.#post(bytes, records, to, true);
  }

  /**
   * Waits until the server applies no write any more. Our own writes in flight finish first, and none starts in the meantime.
   *
   * @throws RestoreError `SERVER_UNREACHABLE` if it does not answer within the patience
   */
  async settle(patienceMs: number = this.#settings.patienceMs): Promise<void> {
    const { writer, pace, url } = this.#settings;
    const { signal } = this.#settings.stop;
    const patience = AbortSignal.timeout(Math.min(patienceMs, timerMsMax));
    try {
      await pace.alone(() => writer.settled({ signal: AbortSignal.any([signal, patience]) }));
      this.#settings.watch.answered();
    } catch (error) {
      signal.throwIfAborted();
      throw serverFault('SERVER_UNREACHABLE', url, 'it does not answer', error);
    }
  }

  async #post(bytes: Uint8Array, records: number, to: WriteAddress, mayGiveUp: boolean): Promise<Decision | TooSlow> {
    const { writer, pace, clock, patienceMs, stop, watch } = this.#settings;
    const { signal, cutOff } = stop;
    const { database, retentionPolicy, precision } = to;
    let ambiguous = false;
    let failingSinceMs: number | undefined;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const outcome = await pace.run(records, () =>
        writer.write(bytes, { database, retentionPolicy, precision, signal: cutOff }),
      );
      if (outcome.kind !== 'retry') {
        watch.answered();
        pace.faster();
        return outcome;
      }
      if (outcome.code === 'UNREACHABLE' || attempt >= attemptsInTrouble) watch.failed(outcome.message);
      pace.slower();
      ambiguous ||= outcome.ambiguous;
      failingSinceMs ??= clock.now();
      const leftMs = failingSinceMs + patienceMs - clock.now();
      if (leftMs <= 0) throw this.#givenUp(attempt, outcome.message);
      await clock.sleep(Math.min(leftMs, this.#delayMs(attempt)), signal);
      if (ambiguous) await this.settle(leftMs);
      if (outcome.code === 'TIMEOUT' && mayGiveUp) return { kind: 'too-slow' };
    }
  }

  /** Returns a delay with jitter: at least half of the exponential one. */
  #delayMs(attempt: number): number {
    const capMs = Math.min(delayMsMax, delayMsMin * 2 ** (attempt - 1));
    return capMs * (0.5 + this.#settings.random() / 2);
  }

  #givenUp(attempts: number, message: string) {
    return serverFault(
      'SERVER_UNREACHABLE',
      this.#settings.url,
      `${countOf(attempts, 'attempt')} at one write failed (${message})`,
    );
  }
}
