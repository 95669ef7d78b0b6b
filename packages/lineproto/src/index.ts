export { encodePoint, LineEncoder } from './encode/line-encoder';
export { LineProtocolError, type LineProtocolErrorCode } from './errors';
export { type DecodedFile, type DecodeFileOptions, decodeFile, type FileVerdict } from './file/decode-file';
export { type EncodeFileOptions, encodeFile, encodeSummedUpFile } from './file/encode-file';
export { formatHeader } from './file/format-header';
export type { FileHeader, FileSummary, PolicySchema } from './file/header';
export { nameObstacle } from './file/header-names';
export {
  factsOfValidLines,
  importerObstacles,
  joinLineFacts,
  judgePlainLines,
  type LineFacts,
  noLines,
} from './file/line-facts';
export { LineSummary } from './file/line-summary';
export { readHeader } from './file/read-header';
export { type Batch, LineSplitter, RECORD_BYTES_MAX, type SplitLimits } from './line-splitter';
export type { EncodeOptions } from './options';
export { type ParseOptions, parseLine, parseLines } from './parse-line';
export type { FieldValue, ParsedPoint, Point } from './point';
export { nanosecondsPer, type OnPrecisionLoss, type Precision } from './precision';
export { rescale } from './rescale';
export { type LineRecord, scanLines } from './scan-lines';
export { hashSeriesKey } from './series-hash';
export { float, integer, type TypedNumber } from './typed-number';
export { type InvalidRecord, validateLines } from './validate-lines';
