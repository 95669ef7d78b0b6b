import { whatThereIs } from '@ceres/internal';
import { decodeFile, LineProtocolError, scanLines } from '@ceres/lineproto';
import { measurementFilter } from '@ceres/lineproto/internal';
import { readObject } from '@ceres/storage';
import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';
import { listPartition } from './partitions';
import { pruneByHeader, type SelectionSurvey } from './survey';

const batch = { batchBytesMax: 512 * 1024, batchLinesMax: 100_000 };

/** More names would not fit into a message. */
const namesMax = 1000;

/**
 * Refuses a measurement that no selected file holds. Reads files only until each measurement is found, and first the newest of each
 * partition: mostly they hold it.
 *
 * @throws RestoreError `NO_FILES`; StorageError
 */
export async function refuseUnknownMeasurements({ selection, partitions, bound }: SelectionSurvey): Promise<void> {
  if (selection.measurements === undefined || partitions.length === 0) return;
  const search = new MeasurementSearch(selection.measurements);
  for (const { newestKeys } of partitions) {
    if (await search.lookInto(newestKeys.at(-1) ?? '', selection)) return;
  }
  for (const partition of partitions) {
    const { mixed, weakDays } = partition;
    const files = listPartition({ partition, mixed: mixed !== undefined, selection, bound, weakDays });
    for await (const { key } of pruneByHeader(files, selection)) if (await search.lookInto(key, selection)) return;
  }
  throw unknownMeasurement(search.unfound, search.seen, `the selected files of '${selection.instance}'`);
}

/** Returns the error for a measurement that is selected, and not there. */
function unknownMeasurement(unfound: string | undefined, seen: Iterable<string>, where: string): RestoreError {
  const name = unfound ?? '';
  return new RestoreError(
    'NO_FILES',
    `No point of measurement '${name}' is in ${where}. ${whatThereIs(name, [...seen])}`,
  );
}

class MeasurementSearch {
  readonly seen = new Set<string>();
  readonly #unfound: Set<string>;

  constructor(wanted: ReadonlySet<string>) {
    this.#unfound = new Set(wanted);
  }

  get unfound(): string | undefined {
    return [...this.#unfound][0];
  }

  /** Reads a file, and returns whether nothing is left to be found. What is damaged in it is reported by what restores or checks it. */
  async lookInto(key: string, { storage, signal }: ResolvedSelection): Promise<boolean> {
    const look = measurementFilter({
      has: (name) => {
        this.#unfound.delete(name);
        if (this.seen.size < namesMax) this.seen.add(name);
        return true;
      },
    });
    try {
      for await (const { bytes } of decodeFile(readObject(storage, key, { signal }), batch)) {
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (const record of scanLines(buffer)) look(buffer, record);
        if (this.#unfound.size === 0) return true;
      }
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
    }
    return this.#unfound.size === 0;
  }
}
