export { nanosecondsPer, type Precision } from '@ceres/internal';
export { encodePoint, LineEncoder } from './encode/line-encoder';
export { LineProtocolError, type LineProtocolErrorCode } from './errors';
export type { FileHeader, FileSummary, PolicySchema, SeedOrigin } from './file/header/file-header';
export { formatHeader } from './file/header/format-header';
export { nameObstacle } from './file/header/names';
export { type DecodedBatch, type DecodedFile, decodeFile } from './file/read/decode-file';
export type { FileDamage, FileFault, FileIntegrity, FilePlace } from './file/read/proof/file-integrity';
export { readHeader } from './file/read/read-header';
export { encodeFile } from './file/write/encode-file';
export { parseLine, parseLines } from './lines/parse-line';
export { rescale } from './lines/rescale';
export { type InvalidRecord, validateLines } from './lines/validate-lines';
export {
  type DecodeFileOptions,
  type EncodeFileOptions,
  type EncodeOptions,
  type ParseOptions,
  RECORD_BYTES_MAX,
  type SplitLimits,
} from './options';
export type { FieldValue, ParsedPoint, Point } from './point';
export type { OnPrecisionLoss } from './precision';
export { hashSeriesKey } from './record/series/series-hash';
export { type Batch, LineSplitter } from './scan/line-splitter';
export { type LineRecord, scanLines } from './scan/scan-lines';
export type { LineHeaderFields } from './summary/header-fields';
export { LineSummarizer } from './summary/line-summarizer';
export type { LineSummary } from './summary/line-summary';
export { float, integer, type TypedNumber } from './typed-number';
