import { MINUS } from '../../bytes';
import type { ByteWriter } from '../byte-writer';
import { toWord } from '../names/written-name';
import { type Digits, findShortest } from './shortest-digits';

const ZERO = 0x30;
const DOT = 0x2e;

/** A smaller whole number has at most nine digits, and with six decimals at most 15 significant ones. */
const BILLION = 1e9;
const SCALE = 1e6;

/** Writes a finite float in the shortest form that reads back to it: the text of `String(value)`, but -0 keeps its sign. */
export function writeFloat(writer: ByteWriter, at: number, value: number): number {
  const isNegative = value < 0 || (value === 0 && Object.is(value, -0));
  const start = isNegative ? writer.byte(at, MINUS) : at;
  const size = Math.abs(value);
  if (size < BILLION) {
    const whole = Math.floor(size);
    if (whole === size) return writeWhole(writer, start, whole | 0);
    const scaled = Math.floor(size * SCALE + 0.5);
    if (scaled / SCALE === size) return writeShortDecimal(writer, start, whole | 0, (scaled - whole * SCALE) | 0);
  }
  return findShortest(size, digits) ? writeDigits(writer, start, digits) : writer.ascii(at, String(value));
}

const digits: Digits = { high: 0, low: 0, beforePoint: 0 };

/**
 * Writes a number with up to six decimals; most measured values have few.
 *
 * If `round(value × 10^6) ÷ 10^6` is the value, the decimal that this quotient stands for reads back to it, since division and
 * parsing both round to nearest. No shorter decimal does, since doubles tell all decimals of 15 digits apart.
 */
function writeShortDecimal(writer: ByteWriter, start: number, whole: number, millionths: number): number {
  let at = writeWhole(writer, start, whole);
  at = writer.byte(at, DOT);
  const thousandths = (millionths / 1000) | 0;
  at = writer.word(at, PADDED[thousandths] as number, 3);
  at = writer.word(at, PADDED[millionths - thousandths * 1000] as number, 3);
  return withoutZeros(writer, at);
}

function writeDigits(writer: ByteWriter, start: number, { high, low, beforePoint }: Digits): number {
  let at = start;
  if (beforePoint <= 0) {
    at = writer.byte(at, ZERO);
    at = writer.byte(at, DOT);
    for (let i = beforePoint; i < 0; i += 1) at = writer.byte(at, ZERO);
    at = writeNineDigits(writer, at, high);
    at = writeNineDigits(writer, at, low * 10);
  } else {
    // The digits before the point are first written one byte too far.
    at = writeNineDigits(writer, at + 1, high);
    at = writeNineDigits(writer, at, low * 10);
    const { bytes } = writer;
    const point = start + beforePoint;
    for (let i = start; i < point; i += 1) bytes[i] = bytes[i + 1] as number;
    bytes[point] = DOT;
  }
  return withoutZeros(writer, at);
}

/** Takes back the zeros at the end of the decimals, and the point if no decimal is left. */
function withoutZeros({ bytes }: ByteWriter, end: number): number {
  let at = end;
  while (bytes[at - 1] === ZERO) at -= 1;
  return bytes[at - 1] === DOT ? at - 1 : at;
}

/** The numbers below 1,000 as words: with three digits, and without zeros before them. */
const PADDED = Int32Array.from({ length: 1000 }, (_, i) => toWord(String(i).padStart(3, '0')));
const PLAIN = Int32Array.from({ length: 1000 }, (_, i) => toWord(String(i)));

/** Writes a whole number below 10^9. */
function writeWhole(writer: ByteWriter, at: number, value: number): number {
  const thousands = (value / 1000) | 0;
  if (thousands === 0) return writer.word(at, PLAIN[value] as number, value < 10 ? 1 : value < 100 ? 2 : 3);
  return writer.word(writeWhole(writer, at, thousands), PADDED[value - thousands * 1000] as number, 3);
}

function writeNineDigits(writer: ByteWriter, at: number, value: number): number {
  const thousands = (value / 1000) | 0;
  const millions = (thousands / 1000) | 0;
  writer.word(at, PADDED[millions] as number, 3);
  writer.word(at + 3, PADDED[thousands - millions * 1000] as number, 3);
  return writer.word(at + 6, PADDED[value - thousands * 1000] as number, 3);
}

/** Writes a whole number of any size that a double holds exactly. */
export function writeSafeInteger(writer: ByteWriter, start: number, value: number): number {
  const size = Math.abs(value);
  const at = value < 0 ? writer.byte(start, MINUS) : start;
  if (size < BILLION) return writeWhole(writer, at, size | 0);
  const billions = Math.floor(size / BILLION);
  return writeNineDigits(writer, writeWhole(writer, at, billions | 0), (size - billions * BILLION) | 0);
}

export function writeBigInt(writer: ByteWriter, at: number, value: bigint): number {
  const isSafe = value >= -0x1f_ffff_ffff_ffffn && value <= 0x1f_ffff_ffff_ffffn;
  return isSafe ? writeSafeInteger(writer, at, Number(value)) : writer.ascii(at, String(value));
}
