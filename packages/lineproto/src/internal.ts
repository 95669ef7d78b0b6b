// For other Ceres packages only: unstable, may change in any release.
export { type FieldType, fieldType } from './field-set';
export { measurementFilter } from './scan/measurement-filter';
export { cutPlainFields, type FieldOffsets } from './scan/plain-fields';
export { readPlainBoolean, readPlainFloat, readPlainInteger } from './scan/plain-value';
export { skimLines } from './scan/skim-lines';
