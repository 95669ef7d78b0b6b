import { check } from '../../options';

/** What limits a TSM file. influxd has the same limits by default. Format: docs/storage-engine.md, "TSM file". */
export interface TsmWriterOptions {
  /** The most points in a block. Default: 1,000. */
  readonly blockPointsMax?: number;
  /** The size from which on a file counts as full. Default: 2,048 MiB. */
  readonly fileBytesMax?: number;
  /** The size of the index, which is in memory until the file is finished, from which on a file counts as full. Default: 64 MiB. */
  readonly indexBytesMax?: number;
}

const defaults = { blockPointsMax: 1_000, fileBytesMax: 2 * 1024 ** 3, indexBytesMax: 64 * 1024 ** 2 };

/** @throws TsmError `INVALID_OPTIONS` */
export function resolveWriterOptions(options: TsmWriterOptions): Required<TsmWriterOptions> {
  check.names('TsmWriter', options, Object.keys(defaults));
  const resolved = { ...defaults, ...options };
  check.wholeNumber('blockPointsMax', resolved.blockPointsMax, { min: 1, max: 65_535, unit: 'points' });
  check.wholeNumber('fileBytesMax', resolved.fileBytesMax, { min: 1, max: 2 ** 40, unit: 'bytes' });
  check.wholeNumber('indexBytesMax', resolved.indexBytesMax, { min: 1, max: 2 ** 30, unit: 'bytes' });
  return resolved;
}
