/**
 * The 17 significant digits of a number, with zeros at their end: nine in `high`, then eight in `low`. `beforePoint` says how
 * many stand before the point, and is negative if zeros come first.
 */
export interface Digits {
  high: number;
  low: number;
  beforePoint: number;
}

const DIGITS = 17;
const HIGH_MIN = 1e8;
const HIGH_END = 1e9;
const LOW_END = 1e8;

/** Powers of ten that are exact doubles, and small enough for {@link findShortest} to be exact. */
const POWERS = Float64Array.from({ length: 22 }, (_, i) => Number(`1e${i}`));

/** Dekker's splitter: cuts a double into two halves of 26 bits, whose products are exact. */
const SPLITTER = 2 ** 27 + 1;
const POWERS_HIGH = POWERS.map(highHalf);
const POWERS_LOW = POWERS.map((power) => power - highHalf(power));

/** Numbers from about 10^-5 to 10^15, by their binary exponent. */
const EXPONENT_MIN = -17;
const binades = Float64Array.from({ length: 67 }, (_, i) => 2 ** (EXPONENT_MIN + i));
/** The decimal exponent of the least number of a binade, and the number at which the next exponent begins. */
const DECIMAL_EXPONENTS = Int32Array.from(binades, decimalExponent);
const NEXT_DECADES = binades.map((least) => Number(`1e${decimalExponent(least) + 1}`));
/** Half the distance between two adjacent doubles. */
const HALF_STEPS = binades.map((least) => least / 2 ** 53);

function decimalExponent(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

const double = new Float64Array(1);
const [LOW_WORD, HIGH_WORD] = [0, 1];
const words = new Int32Array(double.buffer);

/**
 * Finds the shortest decimal that reads back to a positive `value`, and of several the nearest: what `String(value)`
 * shows, at a third of its cost. Returns false for what needs more than plain arithmetic: numbers outside [10^-5,
 * 10^15), powers of two (the doubles beside them are not equally far) and ties.
 *
 * With 17 digits before its point, `value × 10^n` is exact as the sum of two doubles, the product and its rest. All
 * that reads back to `value` lies within half a step of it, a step being the distance to the next double. Half a step
 * is between 0.5 and 11.2 there, so the shortest decimal within it is the nearest multiple of 100, else of 10, else of
 * 1.
 */
export function findShortest(value: number, digits: Digits): boolean {
  double[0] = value;
  const bits = words[HIGH_WORD] as number;
  const binade = (bits >> 20) - 1023 - EXPONENT_MIN;
  const isPowerOfTwo = ((bits & 0xfffff) | (words[LOW_WORD] as number)) === 0;
  if (binade < 0 || binade >= binades.length || isPowerOfTwo) return false;
  const isInNextDecade = value >= (NEXT_DECADES[binade] as number);
  const beforePoint = (DECIMAL_EXPONENTS[binade] as number) + (isInNextDecade ? 2 : 1);
  const scale = DIGITS - beforePoint;
  if (scale < 2 || scale >= POWERS.length) return false;

  const power = POWERS[scale] as number;
  const product = value * power;
  const rest = restOfProduct(value, scale, product);
  const halfStep = (HALF_STEPS[binade] as number) * power;

  const high = Math.floor(product / LOW_END);
  const low = (product - high * LOW_END) | 0;
  const by100 = toMultiple(100, low % 100, rest);
  const by10 = toMultiple(10, low % 10, rest);
  const by1 = Math.floor(rest + 0.5);
  // These differences are exact where they are as small as half a step.
  const from100 = Math.abs(by100 - rest);
  const from10 = Math.abs(by10 - rest);
  const isTie = from100 === halfStep || from10 === halfStep || from10 >= 5 || Math.abs(by1 - rest) >= 0.5;
  if (isTie) return false;
  return settle(digits, high | 0, low + (from100 < halfStep ? by100 : from10 < halfStep ? by10 : by1), beforePoint);
}

/** Returns what rounding took from `product = value × 10^scale` (Dekker 1971, "A floating-point technique …", section 5). */
function restOfProduct(value: number, scale: number, product: number): number {
  const valueHigh = highHalf(value);
  const valueLow = value - valueHigh;
  const powerHigh = POWERS_HIGH[scale] as number;
  const powerLow = POWERS_LOW[scale] as number;
  return valueHigh * powerHigh - product + valueHigh * powerLow + valueLow * powerHigh + valueLow * powerLow;
}

function highHalf(value: number): number {
  const large = SPLITTER * value;
  return large - (large - value);
}

/** Returns the distance from a number to the nearest multiple, given its last digits and its fraction. */
function toMultiple(multiple: number, last: number, fraction: number): number {
  return Math.floor((last + fraction) / multiple + 0.5) * multiple - last;
}

/** Carries between the two halves; returns whether they have 17 digits. */
function settle(digits: Digits, high: number, low: number, beforePoint: number): boolean {
  const carry = low < 0 ? -1 : low >= LOW_END ? 1 : 0;
  digits.high = high + carry;
  digits.low = low - carry * LOW_END;
  digits.beforePoint = beforePoint;
  return digits.high >= HIGH_MIN && digits.high < HIGH_END;
}
