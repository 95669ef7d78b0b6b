import { MINUS } from '../bytes';
import type { ByteWriter } from './byte-writer';

const ZERO = 0x30;
const DOT = 0x2e;

/** Below it a whole number has at most nine digits, and with six decimals at most 15 significant ones. */
const SMALL = 1e9;
const DECIMALS = 6;
const SCALE = 10 ** DECIMALS;

/** A finite float, in the shortest form that reads back to it: the same text as `String(value)`, except that -0 keeps its sign. */
export function writeFloat(writer: ByteWriter, value: number): void {
  if (value > -SMALL && value < SMALL && writeShortDecimal(writer, value)) return;
  writer.ascii(String(value));
}

/**
 * Most measured values have few decimals, and need no string. If `round(value × 10^6) ÷ 10^6` is the value, so is the decimal that this quotient
 * stands for, since division and parsing both round to nearest; and no shorter decimal is, since doubles tell all of 15 digits apart.
 */
function writeShortDecimal(writer: ByteWriter, value: number): boolean {
  const isNegative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  const whole = Math.floor(size);
  if (whole === size) {
    if (isNegative) writer.byte(MINUS);
    writeDigits(writer, whole);
    return true;
  }
  const scaled = Math.round(size * SCALE);
  if (scaled / SCALE !== size) return false;
  if (isNegative) writer.byte(MINUS);
  writeDigits(writer, whole);
  writer.byte(DOT);
  writeDecimals(writer, scaled - whole * SCALE);
  return true;
}

/** A whole number below 10^9. */
function writeDigits(writer: ByteWriter, value: number): void {
  const { bytes } = writer;
  const end = writer.at + countDigits(value);
  let rest = value | 0;
  for (let i = end - 1; i >= writer.at; i -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  writer.at = end;
}

function countDigits(value: number): number {
  if (value < 1e3) return value < 10 ? 1 : value < 100 ? 2 : 3;
  if (value < 1e6) return value < 1e4 ? 4 : value < 1e5 ? 5 : 6;
  return value < 1e7 ? 7 : value < 1e8 ? 8 : 9;
}

/** Six decimals, without the zeros at their end. */
function writeDecimals(writer: ByteWriter, value: number): void {
  let digits = DECIMALS;
  let rest = value | 0;
  while (rest % 10 === 0) {
    rest = (rest / 10) | 0;
    digits -= 1;
  }
  const { bytes, at } = writer;
  for (let i = at + digits - 1; i >= at; i -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  writer.at = at + digits;
}

/** A whole number of any size that a double holds exactly. */
export function writeSafeInteger(writer: ByteWriter, value: number): void {
  const size = Math.abs(value);
  if (value < 0) writer.byte(MINUS);
  if (size < SMALL) {
    writeDigits(writer, size);
    return;
  }
  const high = Math.floor(size / SMALL);
  writeDigits(writer, high);
  writePadded(writer, size - high * SMALL);
}

/** Exactly nine digits. */
function writePadded(writer: ByteWriter, value: number): void {
  const { bytes, at } = writer;
  let rest = value | 0;
  for (let i = at + 8; i >= at; i -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  writer.at = at + 9;
}

export function writeBigInt(writer: ByteWriter, value: bigint): void {
  if (value >= -0x1f_ffff_ffff_ffffn && value <= 0x1f_ffff_ffff_ffffn) writeSafeInteger(writer, Number(value));
  else writer.ascii(String(value));
}
