export { classifyStatementError, isDenial } from './answers/classify-query';
export { classifyWriteHead } from './answers/classify-write';
export { readTypeConflict, type TypeConflict } from './answers/type-conflict';
export { precisionParameter } from './precision';
