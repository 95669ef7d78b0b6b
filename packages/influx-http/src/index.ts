export type { PartlyCode, RefusedCode, RetryCode, WriteOutcome } from './answers/write-outcome';
export { InfluxHttpError, type InfluxHttpErrorCode } from './errors';
export type { InfluxServer } from './options';
export { ping } from './ping';
export { queryRows } from './query/query-rows';
export { querySeries, type SeriesRow } from './query/query-series';
export { type PolicyReader, readPolicies } from './query/read-policies';
export type { PolicyRow } from './schema/policy-rows';
export { InfluxWriter, type WriteTo } from './writer';
