export type { PartlyCode, RefusedCode, RetryCode, WriteOutcome } from './answers/write-outcome';
export { InfluxHttpError, type InfluxHttpErrorCode } from './errors';
export type { InfluxServer } from './options';
export { ping } from './ping';
export { queryRows } from './query/query-rows';
export { querySeries, type SeriesRow } from './query/query-series';
export { type PolicyReader, type PolicyRow, readPolicies } from './query/read-policies';
export { InfluxWriter, type WriteTo } from './writer';
