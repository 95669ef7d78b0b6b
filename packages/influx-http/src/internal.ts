export { classifyStatementError, isDenial } from './answers/classify-query';
export { classifyWriteHead } from './answers/classify-write';
export { readTypeConflict, type TypeConflict } from './answers/type-conflict';
export { precisionParameter } from './precision';
export type { RowVisitor, TypedSeries } from './query/typed/answer-reader';
export { type RawValue, TypedRow, valueTypes } from './query/typed/typed-row';
export { visitRows } from './query/typed/visit-rows';
