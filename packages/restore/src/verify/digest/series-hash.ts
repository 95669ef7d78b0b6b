import { type Hash64, type HashLanes, hashBeginning, hashBytes } from '@ceres/internal';
import type { MeasurementKey } from './columns';
import { hashSeries } from './point-hash';
import { cutSeriesKey } from './series-key';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

/** The text that a series is hashed by: its JSON, as far as the tags. */
const scratch = { json: new Uint8Array(1_024) };

/** Hashes the series of a measurement by their keys, as `hashSeries` does, without an object for each of them. */
export class SeriesHash {
  readonly measurement: MeasurementKey;
  readonly #beginning: HashLanes;

  constructor(measurement: MeasurementKey) {
    this.measurement = measurement;
    this.#beginning = hashBeginning(`[${JSON.stringify(measurement.key)},[`);
  }

  /** @param nameEnd where the name of the measurement ends in the key */
  of(key: Uint8Array, nameEnd: number, into: Hash64): void {
    const length = writeTags(key, nameEnd);
    if (length >= 0) hashBytes(scratch.json, 0, length, into, this.#beginning);
    else Object.assign(into, hashSeries(this.measurement, cutSeriesKey(key).tags));
  }
}

/**
 * Writes the tags of a key and what ends its JSON. Returns the length, or -1 if JSON or the order of tags may be other than the bytes of
 * the key.
 */
function writeTags(key: Uint8Array, nameEnd: number): number {
  if (scratch.json.length < 8 * key.length + 2) scratch.json = new Uint8Array(16 * key.length + 2);
  const { json } = scratch;
  let out = 0;
  let [before, beforeEnd] = [0, 0];
  for (let at = nameEnd; at < key.length; ) {
    if (at > nameEnd) json[out++] = COMMA;
    json[out++] = BRACKET;
    json[out++] = QUOTE;
    const start = at + 1;
    const nameOut = out;
    for (at = start; at < key.length && key[at] !== EQUALS; at += 1) {
      const byte = key[at] as number;
      if (!isPlain(byte) || byte === COMMA) return -1;
      json[out++] = byte;
    }
    if (beforeEnd > 0 && !isInOrder(json, before, beforeEnd, nameOut, out)) return -1;
    [before, beforeEnd] = [nameOut, out];
    json[out++] = QUOTE;
    json[out++] = COMMA;
    json[out++] = QUOTE;
    const valueStart = at + 1;
    for (at = valueStart; at < key.length && key[at] !== COMMA; at += 1) {
      const byte = key[at] as number;
      if (!isPlain(byte)) return -1;
      json[out++] = byte;
    }
    if (at <= valueStart) return -1;
    json[out++] = QUOTE;
    json[out++] = CLOSING_BRACKET;
  }
  json[out++] = CLOSING_BRACKET;
  json[out++] = CLOSING_BRACKET;
  return out;
}

/** Says whether a byte stands for itself, in a key as well as in JSON. */
function isPlain(byte: number): boolean {
  return byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH;
}

/** Says whether one name is less than the next. */
function isInOrder(json: Uint8Array, from: number, to: number, nextFrom: number, nextTo: number): boolean {
  const end = Math.min(to - from, nextTo - nextFrom);
  let i = 0;
  while (i < end && json[from + i] === json[nextFrom + i]) i += 1;
  return i < end ? (json[from + i] as number) < (json[nextFrom + i] as number) : to - from < nextTo - nextFrom;
}
