import { RECORD_BYTES_MAX } from '../scan/line-splitter';

/** InfluxDB's importer posts so many lines at a time, in one request. */
export const IMPORTER_BATCH_LINES = 5_000;
export const REQUEST_BYTES_MAX: number = RECORD_BYTES_MAX;

export const newlineObstacle = 'the importer would double a newline inside a string value';

export function requestObstacle(bytes: number): string {
  return `the importer would post ${IMPORTER_BATCH_LINES} lines of ${bytes} bytes at once`;
}
