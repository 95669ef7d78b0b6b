import { BOOLEAN, FLOAT, INTEGER, type Shape } from '../rows/shape';
import type { TextHeap } from '../rows/text-heap';
import type { ValueWords } from './value-words';

const COMMA = 0x2c;
const SPACE = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;

/** No number of up to 15 digits exceeds what a double holds exactly. */
const EXACT_DIGITS = 15;
/** All of them are exact as doubles: the quotient of two exact numbers is the nearest double, as a parser must give. */
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);
/** An int32 holds every number of up to this many digits. */
const INT32_DIGITS = 9;
/** A float with no more digits is finite. */
const FINITE_DIGITS = 300;
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** Says that a record needs the exact rules. */
export const NOT_QUICK = -1;

/**
 * Reads the fields of a record that has the keys and types of a shape, in the plainest form. It accepts nothing that the exact rules
 * refuse, and reads values as they do.
 *
 * @param view the same bytes
 * @param at the offset of the first key
 * @returns the offset behind the space after the fields, or {@link NOT_QUICK}
 */
export function readQuickFields(
  bytes: Buffer,
  view: DataView,
  at: number,
  { keyLengths, keyWords, types }: Shape,
  values: ValueWords,
  text: TextHeap,
): number {
  const { floats, words } = values;
  const fields = keyLengths.length;
  let i = at;
  let word = 0;
  for (let field = 0; field < fields; field += 1) {
    const keyLength = keyLengths[field] as number;
    if (i + keyLength > bytes.length) return NOT_QUICK;
    if (keyLength < 4) {
      for (const end = i + keyLength; i < end; i += 1, word += 1) if (bytes[i] !== keyWords[word]) return NOT_QUICK;
    } else {
      const last = i + keyLength - 4;
      for (; i < last; i += 4, word += 1) if (view.getInt32(i, true) !== keyWords[word]) return NOT_QUICK;
      if (view.getInt32(last, true) !== keyWords[word]) return NOT_QUICK;
      word += 1;
      i = last + 4;
    }
    const type = types[field] as number;
    if (type <= INTEGER) {
      const start = i;
      const isNegative = bytes[i] === MINUS;
      if (isNegative) i += 1;
      const digitsStart = i;
      let whole = 0;
      let digit = (bytes[i] as number) - 0x30;
      while (digit >= 0 && digit <= 9) {
        whole = (Math.imul(10, whole) + digit) | 0;
        i += 1;
        digit = (bytes[i] as number) - 0x30;
      }
      let digits = i - digitsStart;
      if (digits === 0) return NOT_QUICK;
      let mantissa = digits <= INT32_DIGITS ? whole : mantissaOf(bytes, digitsStart, i);
      if (type === FLOAT) {
        let decimals = 0;
        if (bytes[i] === DOT) {
          const dot = i;
          let fraction = 0;
          i += 1;
          digit = (bytes[i] as number) - 0x30;
          while (digit >= 0 && digit <= 9) {
            fraction = (Math.imul(10, fraction) + digit) | 0;
            i += 1;
            digit = (bytes[i] as number) - 0x30;
          }
          decimals = i - dot - 1;
          digits += decimals;
          if (decimals <= INT32_DIGITS) mantissa = mantissa * (POWERS_OF_TEN[decimals] as number) + fraction;
          else mantissa = mantissaOf(bytes, digitsStart, i);
        }
        if (digits <= EXACT_DIGITS) {
          const value = decimals === 0 ? mantissa : mantissa / (POWERS_OF_TEN[decimals] as number);
          floats[field] = isNegative ? -value : value;
        } else if (digits <= FINITE_DIGITS) floats[field] = Number(bytes.toString('latin1', start, i));
        else return NOT_QUICK;
      } else {
        if (digits > EXACT_DIGITS || bytes[i] !== LETTER_I) return NOT_QUICK;
        i += 1;
        const value = isNegative ? -mantissa : mantissa;
        const upper = Math.floor(value / 4294967296);
        words[2 * field + LOW] = value - upper * 4294967296;
        words[2 * field + 1 - LOW] = upper;
      }
    } else if (type === BOOLEAN) {
      const first = bytes[i] as number;
      const isTrue = first === 0x74 || first === 0x54;
      if (!isTrue && first !== 0x66 && first !== 0x46) return NOT_QUICK;
      i += 1;
      if (bytes[i] !== COMMA && bytes[i] !== SPACE) {
        i = endOfWord(bytes, i - 1, isTrue);
        if (i === NOT_QUICK) return NOT_QUICK;
      }
      words[2 * field] = isTrue ? 1 : 0;
      words[2 * field + 1] = 0;
    } else {
      if (bytes[i] !== QUOTE) return NOT_QUICK;
      const start = i + 1;
      for (i = start; i < bytes.length && bytes[i] !== QUOTE; i += 1) if (bytes[i] === BACKSLASH) return NOT_QUICK;
      words[2 * field] = text.add(bytes, start, i);
      words[2 * field + 1] = i - start;
      i += 1;
    }
    if (bytes[i] !== (field + 1 === fields ? SPACE : COMMA)) return NOT_QUICK;
    i += 1;
  }
  return i;
}

/** Returns the number of some digits, with or without a dot between them: exactly, if they are not more than 15. */
function mantissaOf(bytes: Buffer, start: number, end: number): number {
  let mantissa = 0;
  for (let i = start; i < end; i += 1) if (bytes[i] !== DOT) mantissa = 10 * mantissa + ((bytes[i] as number) - 0x30);
  return mantissa;
}

const TRUES = ['true', 'True', 'TRUE'].map((word) => Buffer.from(word));
const FALSES = ['false', 'False', 'FALSE'].map((word) => Buffer.from(word));

function endOfWord(bytes: Buffer, start: number, isTrue: boolean): number {
  for (const word of isTrue ? TRUES : FALSES) {
    if (bytes.compare(word, 0, word.length, start, Math.min(bytes.length, start + word.length)) === 0)
      return start + word.length;
  }
  return NOT_QUICK;
}
