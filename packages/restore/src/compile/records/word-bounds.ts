import { nanosecondsPer, type Precision } from '@ceres/lineproto';
import type { TimeBounds } from '../../replay/route/record-filter';

/** What becomes of a record by its time. */
export type TimeVerdict = 'in' | 'out' | 'expired';

/** The bounds of a file's records as words of 32 bits, so that no time has to become a `bigint`. */
export class WordBounds {
  readonly isOpen: boolean;
  readonly #from: Words | undefined;
  readonly #until: Words | undefined;
  readonly #keptFrom: Words | undefined;

  constructor({ from, until, keptFrom }: TimeBounds, precision: Precision) {
    const unit = nanosecondsPer[precision];
    const words = (bound: bigint | undefined) => (bound === undefined ? undefined : wordsOf(bound * unit));
    this.#from = words(from);
    this.#until = words(until);
    this.#keptFrom = words(keptFrom);
    this.isOpen = from === undefined && until === undefined && keptFrom === undefined;
  }

  /** Judges a time; the high word is signed. */
  judge(high: number, low: number): TimeVerdict {
    if (this.#from !== undefined && isBefore(high, low, this.#from)) return 'out';
    if (this.#until !== undefined && !isBefore(high, low, this.#until)) return 'out';
    return this.#keptFrom !== undefined && isBefore(high, low, this.#keptFrom) ? 'expired' : 'in';
  }
}

/** Two halves of an int64, the high one signed. */
export interface Words {
  readonly high: number;
  readonly low: number;
}

const INT64_MAX = 2n ** 63n - 1n;

/** Returns the words of a time; one beyond int64 becomes its nearest. */
export function wordsOf(timeNs: bigint): Words {
  const time = timeNs > INT64_MAX ? INT64_MAX : timeNs < -INT64_MAX - 1n ? -INT64_MAX - 1n : timeNs;
  return { high: Number(time >> 32n), low: Number(BigInt.asUintN(32, time)) };
}

export function isBefore(high: number, low: number, than: Words): boolean {
  return high < than.high || (high === than.high && low < than.low);
}
