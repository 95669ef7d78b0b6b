export { encodePoint, LineEncoder } from './encode/line-encoder';
export { LineProtocolError, type LineProtocolErrorCode } from './errors';
export type { FileHeader, FileSummary, PolicySchema } from './file/header/file-header';
export { formatHeader } from './file/header/format-header';
export { nameObstacle } from './file/header/names';
export { type DecodedFile, type DecodeFileOptions, decodeFile, type FileVerdict } from './file/read/decode-file';
export { readHeader } from './file/read/read-header';
export { type EncodeFileOptions, encodeFile, encodeSummedUpFile } from './file/write/encode-file';
export { type ParseOptions, parseLine, parseLines } from './lines/parse-line';
export { rescale } from './lines/rescale';
export { type InvalidRecord, validateLines } from './lines/validate-lines';
export type { EncodeOptions } from './options';
export type { FieldValue, ParsedPoint, Point } from './point';
export { nanosecondsPer, type OnPrecisionLoss, type Precision } from './precision';
export { hashSeriesKey } from './record/series-hash';
export { type Batch, LineSplitter, RECORD_BYTES_MAX, type SplitLimits } from './scan/line-splitter';
export { type LineRecord, scanLines } from './scan/scan-lines';
export {
  factsOfValidLines,
  importerObstacles,
  joinLineFacts,
  judgePlainLines,
  type LineFacts,
  noLines,
} from './summary/line-facts';
export { LineSummary } from './summary/line-summary';
export { float, integer, type TypedNumber } from './typed-number';
