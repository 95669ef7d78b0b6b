import { isUtf8 } from 'node:buffer';
import type { Fault } from './fault';
import type { RecordLayout } from './record-layout';

/**
 * Finds a measurement or a field key that is not UTF-8. InfluxDB takes such a write and serves it, and keeps both names in its
 * list of fields as text: after its next start it cannot read the list, and the whole shard answers no query and takes no
 * write (measured with 1.6.7). Tags and string values may hold any bytes.
 */
export function findBrokenName(bytes: Uint8Array, start: number, layout: RecordLayout): Fault | undefined {
  if (!isUtf8(bytes.subarray(start, layout.measurementEnd))) return broken('the measurement', start);
  const { fields } = layout;
  for (let i = 0; i < fields.length; i += 3) {
    const [keyStart = 0, valueStart = 0] = [fields[i], fields[i + 1]];
    if (!isUtf8(bytes.subarray(keyStart, valueStart - 1))) return broken('a field key', keyStart);
  }
  return undefined;
}

function broken(what: string, at: number): Fault {
  return { code: 'INVALID_NAME', reason: `${what} is not UTF-8, and InfluxDB could not open its shard again`, at };
}
