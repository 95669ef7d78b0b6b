const COMMA = 0x2c;

/**
 * Returns a function that says whether a series belongs to one of the measurements; without measurements, all do.
 *
 * @param measurements the names as they are
 */
export function measurementFilter(measurements: readonly string[] | undefined): (seriesKey: Uint8Array) => boolean {
  if (measurements === undefined) return () => true;
  const escaped = measurements.map((name) => Buffer.from(name.replaceAll(/[, ]/g, '\\$&')));
  return (seriesKey) =>
    escaped.some(({ length }, i) => {
      const next = seriesKey[length];
      if (next !== COMMA && seriesKey.length !== length) return false;
      return Buffer.compare(seriesKey.subarray(0, length), escaped[i] as Buffer) === 0;
    });
}
