import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findInfluxBinaries } from '../binaries';

const run = promisify(execFile);

/** A range of versions: from the first one on, before the second one. */
export interface VersionRange {
  /** `1.8` includes `1.8.0`. */
  readonly from?: string;
  readonly before?: string;
}

/**
 * Returns whether a server's version is in a range, for tests that are not for all of them:
 * `it.skipIf(!isVersion(influxd.version, { before: '1.8' }))('reads an unknown precision as ns (InfluxDB before 1.8)', …)`.
 */
export function isVersion(version: string, { from = '0', before = '9999' }: VersionRange): boolean {
  return compareVersions(version, from) >= 0 && compareVersions(version, before) < 0;
}

/** Returns the version of the influxd that tests start, such as `1.6.7~rc0`. */
export async function influxdVersion(): Promise<string> {
  const { influxd } = await findInfluxBinaries();
  const { stdout } = await run(influxd, ['version']);
  return /\bv?(1\.\d[\w.~-]*)/.exec(stdout)?.[1] ?? 'unknown';
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (/^v?([\d.]+)/.exec(version)?.[1] ?? '').split('.').map(Number);
}
