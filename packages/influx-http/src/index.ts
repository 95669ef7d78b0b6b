export type { PartlyReason, RefusedCode, RetryCode, WriteOutcome } from './answers/write-outcome';
export { InfluxHttpError, type InfluxHttpErrorCode } from './errors';
export type { InfluxServer } from './options';
export { ping } from './ping';
export { queryRows, querySeries, type SeriesRow } from './query/query';
export { InfluxWriter, type WriteTo } from './writer';
