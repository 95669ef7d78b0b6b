import { isUtf8 } from 'node:buffer';
import type { Fault } from './fault';
import type { RecordLayout } from './record-layout';

/**
 * Finds a measurement or a field key that is not UTF-8. InfluxDB takes such a write and serves it, and keeps both names in its
 * list of fields as text: after its next start it cannot read the list, and the whole shard answers no query and takes no
 * write (measured with 1.6.7). Tags and string values may hold any bytes.
 */
export function findBrokenName(bytes: Uint8Array, start: number, layout: RecordLayout): Fault | undefined {
  return findBrokenMeasurement(bytes, start, layout) ?? findBrokenKey(bytes, layout, 0, layout.fields.length);
}

/** The keys of this many fields are looked at in less than a millisecond. */
const stepOffsets = 3 * 4_096;

/** Does the same for a record of many fields, step by step. */
export function* findBrokenNameInSteps(
  bytes: Uint8Array,
  start: number,
  layout: RecordLayout,
): Generator<void, Fault | undefined, undefined> {
  let fault = findBrokenMeasurement(bytes, start, layout);
  for (let from = 0; from < layout.fields.length && fault === undefined; from += stepOffsets) {
    fault = findBrokenKey(bytes, layout, from, from + stepOffsets);
    yield;
  }
  return fault;
}

function findBrokenMeasurement(bytes: Uint8Array, start: number, layout: RecordLayout): Fault | undefined {
  const isWhole = isUtf8(bytes.subarray(start, layout.measurementEnd));
  return isWhole ? undefined : broken('the measurement', start);
}

/** Looks at the keys of the fields whose offsets stand from `from` to `to` in the layout. */
function findBrokenKey(bytes: Uint8Array, { fields }: RecordLayout, from: number, to: number): Fault | undefined {
  const end = Math.min(fields.length, to);
  for (let i = from; i < end; i += 3) {
    const [keyStart = 0, valueStart = 0] = [fields[i], fields[i + 1]];
    if (!isUtf8(bytes.subarray(keyStart, valueStart - 1))) return broken('a field key', keyStart);
  }
  return undefined;
}

function broken(what: string, at: number): Fault {
  return { code: 'INVALID_NAME', reason: `${what} is not UTF-8, and InfluxDB could not open its shard again`, at };
}
