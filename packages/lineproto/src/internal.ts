// For other Ceres packages only: unstable, may change in any release.

export { measurementFilter } from './lines/measurement-filter';
export { type FieldType, fieldType } from './record/field-set';
export { cutPlainFields, type FieldOffsets } from './scan/plain-fields';
export { readPlainBoolean, readPlainFloat, readPlainInteger } from './scan/plain-value';
export { skimLines } from './scan/skim-lines';
