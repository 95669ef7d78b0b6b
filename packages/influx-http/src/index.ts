export { InfluxHttpError, type InfluxHttpErrorCode } from './errors';
export type { InfluxServer } from './options';
export type { PartlyReason, RefusedCode, RetryCode, WriteOutcome } from './outcome';
export { ping } from './ping';
export { queryRows, querySeries, type SeriesRow } from './query';
export { InfluxWriter, type WriteTo } from './writer';
