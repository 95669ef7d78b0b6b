import { nanosecondsPer, type Precision } from '@ceres/lineproto';

const WORD = 2 ** 32;
const HALF = 2 ** 16;
const BILLION = 1_000_000_000;
/** How many digits the greatest time has, and its first one: a time with fewer digits, or with a lesser first one, is in range. */
const DIGITS_MAX: Readonly<Record<Precision, number>> = { ns: 19, us: 16, ms: 13, s: 10, m: 9, h: 7 };
const FIRST_DIGIT_MAX: Readonly<Record<Precision, number>> = { ns: 9, us: 9, ms: 9, s: 9, m: 1, h: 2 };

/** Reads times at the end of records into two words of 32 bits, ns since the epoch, the high one signed. Neighbors often have the same time. */
export class TimeReader {
  low = 0;
  high = 0;
  readonly #unit: number;
  readonly #digitsMax: number;
  readonly #firstDigitMax: number;
  #digits = 0;
  #upper = -1;
  #lower = -1;

  constructor(precision: Precision) {
    this.#unit = Number(nanosecondsPer[precision]);
    this.#digitsMax = DIGITS_MAX[precision];
    this.#firstDigitMax = FIRST_DIGIT_MAX[precision];
  }

  /**
   * Reads digits from `at` up to a LF.
   *
   * @returns the offset of the LF; -1 for a time that needs the exact rules: one with a sign, or near the ends of the range
   */
  read(bytes: Uint8Array, at: number): number {
    let i = at;
    let upper = 0;
    let lower = 0;
    let digit = (bytes[i] as number) - 0x30;
    const first = digit;
    for (; digit >= 0 && digit <= 9 && i - at < 10; digit = (bytes[i] as number) - 0x30) {
      upper = 10 * upper + digit;
      i += 1;
    }
    const middle = i;
    for (; digit >= 0 && digit <= 9 && i - middle < 9; digit = (bytes[i] as number) - 0x30) {
      lower = 10 * lower + digit;
      i += 1;
    }
    const digits = i - at;
    if (bytes[i] !== 0x0a || digits === 0) return -1;
    if (digits >= this.#digitsMax && (digits > this.#digitsMax || first >= this.#firstDigitMax)) return -1;
    if (digits === this.#digits && upper === this.#upper && lower === this.#lower) return i;
    this.#digits = digits;
    this.#upper = upper;
    this.#lower = lower;
    if (digits <= 10) this.#multiply(upper, this.#unit, 0);
    else if (this.#unit === 1) this.#multiply(upper, 10 ** (digits - 10), lower);
    else this.#multiply(upper * 10 ** (digits - 10) + lower, this.#unit, 0); // below 9 * 10^15, so that a double holds it
    return i;
  }

  /** Sets a time of the file's precision. */
  set(timestamp: bigint): void {
    this.#digits = 0;
    this.#setExactly(timestamp);
  }

  #setExactly(timestamp: bigint): void {
    const timeNs = timestamp * BigInt(this.#unit);
    this.low = Number(BigInt.asUintN(32, timeNs));
    this.high = Number(timeNs >> 32n);
  }

  /** Sets `count * unit + rest`, part by part: a double has 53 bits. */
  #multiply(count: number, unit: number, rest: number): void {
    if (unit > BILLION) {
      this.#setExactly(BigInt(count));
      return;
    }
    const upper = Math.floor(count / HALF) * unit;
    const lower = (count % HALF) * unit + rest + (upper % HALF) * HALF;
    this.low = lower % WORD;
    this.high = Math.floor(upper / HALF) + Math.floor(lower / WORD);
  }
}
