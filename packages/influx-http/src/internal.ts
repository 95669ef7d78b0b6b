export { classifyStatementError, isDenial } from './answers/classify-query';
export { classifyWriteHead } from './answers/classify-write';
export { readTypeConflict, type TypeConflict } from './answers/type-conflict';
export { precisionParameter } from './precision';
export { literalOf, sourceOf, unreadable } from './query/exact/measurement-names';
export { NotExact, refuseJoinedTags, refuseTypesInOverlap } from './query/exact/not-exact';
export { characters, shown } from './query/exact/raw-text';
export { selectFields, selectWithin, showFieldKeys, typesOfFields } from './query/exact/select-fields';
export { exactShardTime, nanosecondsOf, shardOriginNs } from './query/exact/shard-times';
export { type PointVisitor, StoredPoints, timeOf } from './query/exact/stored-points';
export { earliest, latest, type ShownShard, type Stretch, spanOf, stretchesOf } from './query/exact/time-stretches';
export type { RowVisitor, TypedSeries } from './query/typed/answer-reader';
export { type RawValue, TypedRow, valueTypes } from './query/typed/typed-row';
export { visitRows } from './query/typed/visit-rows';
export { formatSchema, type SchemaOrigin } from './schema/format-schema';
export { type ParsedSchema, parseSchema, schemaBytesMax } from './schema/parse-schema';
export { type PolicyRow, readPolicyRows, toPolicySchema } from './schema/policy-rows';
export { quotedName } from './schema/quote';
export { byDatabase, continuousQuery, type ReadSchemaOptions, readSchema } from './schema/read-schema';
export {
  type ContinuousQuery,
  type DatabaseSchema,
  type Grant,
  type InfluxSchema,
  internalDatabase,
  isRunnable,
  type NamedPolicy,
  type Subscription,
  type UserSchema,
} from './schema/schema';
export { formatStatement } from './schema/statements';
export { readShardSizes } from './shard-sizes';
