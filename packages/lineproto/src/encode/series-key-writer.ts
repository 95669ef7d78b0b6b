import { COMMA, EQUALS, HASH } from '../bytes';
import { LineProtocolError } from '../errors';
import { escapeMeasurement, escapeTag, escapeTagKey, escapeTagValue, quote } from '../escape';
import type { Point } from '../point';
import type { ByteWriter } from './byte-writer';
import { MEASUREMENT, TAG, writeAscii, writeEscapedName } from './write-text';

type Tags = NonNullable<Point['tags']>;

/** The keys of some tags, as they come from the object and in the order they are written. */
interface TagOrder {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
}

const NO_TAGS: TagOrder = { keys: [], sorted: [] };

/** Orders that are remembered; a service has fewer measurements, and who has more pays with sorting. */
const ORDERS_MAX = 1_000;

/** Writes `measurement[,tag=value…]`, tags in key order: InfluxDB's advice, since it sorts what is not sorted. */
export class SeriesKeyWriter {
  /** By measurement: its points mostly have the same tags, which are then sorted once. */
  readonly #orders = new Map<string, TagOrder>();
  #last = '';
  #lastOrder = NO_TAGS;

  write(writer: ByteWriter, { measurement, tags }: Point): void {
    if (typeof measurement !== 'string') throw notText('the measurement', measurement);
    const mayBePlain = measurement.charCodeAt(0) !== HASH;
    if (!mayBePlain || !writeAscii(writer, measurement, MEASUREMENT))
      writeEscapedName(writer, measurement, escapeMeasurement(measurement));
    if (tags === undefined) return;
    for (const key of this.#order(measurement, tags)) {
      const value = tags[key];
      if (value !== undefined) writeTag(writer, key, value);
    }
  }

  #order(measurement: string, tags: Tags): readonly string[] {
    if (measurement !== this.#last) {
      this.#last = measurement;
      this.#lastOrder = this.#orders.get(measurement) ?? NO_TAGS;
    }
    if (!hasKeys(tags, this.#lastOrder.keys)) {
      this.#lastOrder = orderOf(tags);
      if (this.#orders.size === ORDERS_MAX) this.#orders.clear();
      this.#orders.set(measurement, this.#lastOrder);
    }
    return this.#lastOrder.sorted;
  }
}

function orderOf(tags: Tags): TagOrder {
  const keys: string[] = [];
  for (const key in tags) keys.push(key);
  return { keys, sorted: sortByBytes(keys) };
}

function hasKeys(tags: Tags, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in tags) {
    if (keys[i] !== key) return false;
    i += 1;
  }
  return i === keys.length;
}

/** By the bytes that are written, escapes included: the order in which InfluxDB keeps them. */
function sortByBytes(keys: readonly string[]): string[] {
  return keys
    .map((key) => ({ key, bytes: Buffer.from(escapeTag(key)) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
}

function writeTag(writer: ByteWriter, key: string, value: string): void {
  if (typeof value !== 'string') throw notText(`the value of tag ${quote(key)}`, value);
  writer.byte(COMMA);
  if (key === 'time' || !writeAscii(writer, key, TAG)) writeEscapedName(writer, key, escapeTagKey(key));
  writer.byte(EQUALS);
  if (!writeAscii(writer, value, TAG)) writeEscapedName(writer, value, escapeTagValue(value, key));
}

function notText(what: string, value: unknown): LineProtocolError {
  return new LineProtocolError('INVALID_NAME', `${what} is not a string but ${value === null ? 'null' : typeof value}`);
}
