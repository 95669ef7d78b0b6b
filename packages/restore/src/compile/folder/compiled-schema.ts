import type { ResolvedCompile } from '../../options/compile';
import type { PlanSource } from '../../plan/plan';
import type { PartitionPlan } from '../../plan/types';
import type { ServerPolicy } from '../../server/connection';
import { type LeftOut, leaveOut } from '../../server/left-out/left-out';
import { plannedPolicies } from '../../server/policies/planned-policies';
import { autogen, missingSchema, type PlannedPolicy, type ServerSchema } from '../../server/policies/schema';
import { chosenShardDurationMs } from '../rows/shard-times';

/** The databases and policies that a plan makes on a server that has none of them. */
export interface CompiledSchema {
  /** The plan without what InfluxDB cannot have. */
  readonly source: PlanSource;
  readonly planned: readonly PlannedPolicy[];
  readonly schema: ServerSchema;
  /** The statements that a restore would run to the same effect. */
  readonly creates: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** InfluxDB's own database. Its restore passes it over without a word. */
const reserved = '_internal';
const hourMs = 3_600_000;
const weekMs = 168 * hourMs;

/** @throws RestoreError `INVALID_OPTIONS` */
export function compiledSchema(
  plan: PlanSource,
  { map, policies }: Pick<ResolvedCompile, 'map' | 'policies'>,
): CompiledSchema {
  const isReserved = ({ database }: PartitionPlan) => map.database(database) === reserved;
  const own = plan.partitions.filter(isReserved);
  const kept = plan.partitions.filter((partition) => !isReserved(partition));
  const ofReserved = own.map(({ database, retentionPolicy = '', files }): LeftOut => {
    const reason = `InfluxDB keeps ${reserved} for itself, and loads none from a backup: give it another name with mapDatabase (--map-db)`;
    return { database, retentionPolicy, cause: 'database-name', reason, files };
  });
  const existing: ServerSchema = new Map();
  const wanted = plannedPolicies(kept, map, policies);
  const { source, planned, leftOut } = leaveOut({ ...plan, partitions: kept }, wanted, existing, map);
  const schema = new Map<string, readonly ServerPolicy[]>();
  const creations = missingSchema(existing, planned);
  for (const { database, policy } of creations) {
    const { name, durationMs, shardDurationMs, isDefault } = policy ?? {
      name: autogen,
      durationMs: Infinity,
      shardDurationMs: weekMs,
      isDefault: true,
    };
    const before = (schema.get(database) ?? []).map((one) => (isDefault ? { ...one, isDefault: false } : one));
    const shardMs =
      shardDurationMs === Infinity ? chosenShardDurationMs(durationMs) : Math.max(shardDurationMs, hourMs);
    schema.set(database, [...before, { database, name, durationMs, shardDurationMs: shardMs, isDefault }]);
  }
  const creates = creations.map(({ statement }) => statement);
  return { source, planned, schema, creates, leftOut: [...ofReserved, ...leftOut] };
}
