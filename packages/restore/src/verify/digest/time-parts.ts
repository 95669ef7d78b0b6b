/** Nanoseconds in a minute. */
const minuteNs = 60_000_000_000;
const digit = 2 ** 16;

const time64 = new BigInt64Array(1);
const time32 = new Uint32Array(time64.buffer);
/** The index of an int64's upper half in memory, which is 1 on all common processors. */
const upper = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** A time as two 32-bit halves of its int64. Callers reuse one object. */
export interface TimeHalves {
  high: number;
  low: number;
}

/** Cuts a time, ns, into halves. */
export function cutTime(time: bigint, into: TimeHalves): void {
  time64[0] = time;
  into.high = time32[upper] as number;
  into.low = time32[1 - upper] as number;
}

/** A quotient of doubles may be wrong by less than this, in minutes: by 1,024 ns for the time, and by its own rounding. */
const errorMax = 1e-6;

/** Returns the whole minutes since the epoch of a time, ns, rounded down. */
export function minuteOf(high: number, low: number): number {
  const quotient = ((high | 0) * 2 ** 32 + (low >>> 0)) / minuteNs;
  const minute = Math.floor(quotient);
  const rest = quotient - minute;
  return rest > errorMax && rest < 1 - errorMax ? minute : exactMinuteOf(high, low);
}

/** Divides digit by digit, since a double has 53 bits. */
function exactMinuteOf(high: number, low: number): number {
  const first = high >> 16; // with its sign
  let quotient = Math.floor(first / minuteNs);
  let rest = first - quotient * minuteNs;
  for (const next of [high & 0xffff, low >>> 16, low & 0xffff]) {
    const value = rest * digit + next;
    const part = Math.floor(value / minuteNs);
    quotient = quotient * digit + part;
    rest = value - part * minuteNs;
  }
  return quotient;
}
