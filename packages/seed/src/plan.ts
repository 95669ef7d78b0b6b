import type { PolicySchema } from '@ceres/lineproto';
import { formatKey } from '@ceres/storage';
import type { DatabaseMeta, RetentionPolicyMeta } from '@ceres/tsm';
import { SeedError } from './errors';
import type { ResolvedSeed, SeedSelection } from './options';
import { policyOf } from './schema/policy';
import type { SeedShard, SeedSource } from './source/contract';

/** A database and policy of a seed. */
export interface PlannedPartition {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly isDefault: boolean;
  /** What its files say of the policy; `undefined` if the source does not know. */
  readonly policy: PolicySchema | undefined;
}

/** What a seed will read. */
export interface SeedPlan {
  readonly source: SeedSource;
  readonly shards: readonly SeedShard[];
  /** What the source has lost, and the databases and policies that no file can hold, each a sentence. */
  readonly leftOut: readonly string[];
  partitionOf(shard: Pick<SeedShard, 'database' | 'retentionPolicy'>): PlannedPartition;
}

/** A message names this many. */
const namesShown = 20;

/**
 * Selects the shards of a source.
 *
 * @throws SeedError `NOTHING_TO_SEED`
 */
export function planSeed(source: SeedSource, { instance, selection }: ResolvedSeed): SeedPlan {
  refuseUnknown(source, 'database', selection.databases);
  refuseUnknown(source, 'retentionPolicy', selection.retentionPolicies);
  const selected = source.shards.filter((shard) => isSelected(shard, selection));
  if (selected.length === 0) {
    throw new SeedError(
      'NOTHING_TO_SEED',
      `No shard of ${source.name} is selected: it has ${source.shards.length}. Check the source, and the databases, policies and times that are selected.`,
    );
  }
  const leftOut = new Map<string, string>();
  const shards = selected.filter(({ database, retentionPolicy }) => {
    const obstacle = obstacleOf(instance, database, retentionPolicy);
    if (obstacle === undefined) return true;
    leftOut.set(
      JSON.stringify([database, retentionPolicy]),
      `no backup file can hold ${JSON.stringify(database)}.${JSON.stringify(retentionPolicy)}: ${obstacle}`,
    );
    return false;
  });
  return {
    source,
    shards,
    leftOut: [...source.losses, ...leftOut.values()],
    partitionOf: ({ database, retentionPolicy }) => partitionOf(source.databases, database, retentionPolicy),
  };
}

/** Refuses a name that no shard has: it is misspelled, or another source is meant. */
function refuseUnknown(source: SeedSource, of: 'database' | 'retentionPolicy', names: readonly string[] = []): void {
  const known = new Set(source.shards.map((shard) => shard[of]));
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const [what, plural] = of === 'database' ? ['database', 'databases'] : ['retention policy', 'retention policies'];
  const there = [...known]
    .sort()
    .slice(0, namesShown)
    .map((name) => JSON.stringify(name));
  throw new SeedError(
    'NOTHING_TO_SEED',
    `${source.name} has no shard of the ${what} ${JSON.stringify(unknown)}. Its ${plural}: ${there.join(', ') || 'none'}${known.size > namesShown ? ' …' : ''}.`,
  );
}

function isSelected(shard: SeedShard, { databases, retentionPolicies, from, until }: SeedSelection): boolean {
  const { database, retentionPolicy, startNs, endNs } = shard;
  if (databases !== undefined && !databases.includes(database)) return false;
  if (retentionPolicies !== undefined && !retentionPolicies.includes(retentionPolicy)) return false;
  if (from !== undefined && endNs !== undefined && endNs <= from) return false;
  return until === undefined || startNs === undefined || startNs < until;
}

function obstacleOf(instance: string, database: string, retentionPolicy: string): string | undefined {
  // A header is lines of text.
  if (/[\p{Cc}\p{Cs}]/u.test(database + retentionPolicy)) return 'its name has control characters';
  try {
    formatKey({ instance, database, retentionPolicy, day: '20000101', id: '00000000-0000-7000-8000-000000000000' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function partitionOf(
  databases: readonly DatabaseMeta[] | undefined,
  database: string,
  retentionPolicy: string,
): PlannedPartition {
  const meta = databases?.find(({ name }) => name === database);
  const policy = meta?.retentionPolicies.find(({ name }) => name === retentionPolicy);
  const isDefault = meta !== undefined && meta.defaultRetentionPolicy === retentionPolicy;
  return { database, retentionPolicy, isDefault, policy: policy && schemaOf(policy, isDefault) };
}

/** Describes a policy as a sink does: the default one has its name there, since its files belong to the writes without a policy, too. */
function schemaOf(policy: RetentionPolicyMeta, isDefault: boolean): PolicySchema {
  return { ...(isDefault && { name: policy.name }), ...policyOf(policy), isDefault };
}
