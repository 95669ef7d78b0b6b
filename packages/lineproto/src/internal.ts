// For other packages of Ceres only. Unstable: any release may change or remove what stands here.

export { skipBlanks } from './bytes';
export { withHeaderCrc } from './file/header/header-crc';
export { formatPolicySwitch } from './file/header/policy-switch';
export { joinedCrc } from './file/joined-crc';
export { decodeProven, decodeWithDigests } from './file/read/decode-file';
export { gunzip } from './file/read/gunzip/gunzip';
export { BlockDigests } from './file/read/proof/block-digests';
export { headerDamage } from './file/read/proof/header-damage';
export { readHeaderStart } from './file/read/read-header';
export { encodeSummarizedFile, type SummarizedLines } from './file/write/encode-file';
export { gzip } from './file/write/gzip';
export { readMixedPolicies } from './file/write/mixed-policies';
export { measurementFilter } from './lines/measurement-filter';
export { parseRecordBytes } from './lines/parse-line';
export { type LongRecord, validateLongRecord } from './lines/validate-long-record';
export { convertTimestamp } from './precision';
export { type FieldType, fieldType } from './record/cut-fields';
export { unescapeName, unescapeString } from './record/escape';
export { isTime, KEY_BYTES_MAX } from './record/series/series-key';
export { SpellingNumbers } from './record/series/spelling-numbers';
export { ExactRecords } from './scan/exact-records';
export { cutPlainFields, type FieldOffsets } from './scan/plain-fields';
export { readPlainBoolean, readPlainFloat, readPlainInteger } from './scan/plain-value';
export { skimLines } from './scan/skim-lines';
export { headerFieldsOf } from './summary/header-fields';
export { emptySummary, joinSummaries } from './summary/line-summary';
export { summarizeValidLines, validateAndSummarize } from './summary/summarize-lines';
