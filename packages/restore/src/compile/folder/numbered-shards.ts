import { createHash } from 'node:crypto';
import type { DatabaseMeta, RetentionPolicyMeta, StorageMeta } from '@ceres/tsm';
import { findPolicy, type PlannedPolicy, type ServerSchema } from '../../server/policies/schema';
import { type ShardChoice, type ShardPlace, shardIdentity } from '../compiled-shard';
import type { FileShards } from './possible-shards';

/** A shard with the number that it has in the metadata. */
export interface NumberedShard extends ShardPlace {
  readonly id: number;
}

/** Gives shards their numbers. */
export interface ShardNumbers {
  /** The shards that have a number. */
  all(): NumberedShard[];
  /** Returns the shard at a place; `undefined` if it can have no number. */
  at(place: ShardPlace): NumberedShard | undefined;
  /** The shards to compile here. */
  readonly choice: ShardChoice;
}

/** Numbers shards as they are compiled. */
export class SerialNumbers implements ShardNumbers {
  readonly choice: ShardChoice = {};
  readonly #shards = new Map<string, NumberedShard>();

  all(): NumberedShard[] {
    return [...this.#shards.values()];
  }

  /** Returns the shard at a place; a new one gets the next number. */
  at(place: ShardPlace): NumberedShard {
    const identity = shardIdentity(place);
    const { database, retentionPolicy, startNs, endNs } = place;
    const shard = this.#shards.get(identity) ?? {
      database,
      retentionPolicy,
      startNs,
      endNs,
      id: this.#shards.size + 1,
    };
    this.#shards.set(identity, shard);
    return shard;
  }
}

/** The shards that a plan may have, numbered in their order and divided into parts by time, so that a part needs few files. */
export class PartNumbers implements ShardNumbers {
  readonly choice: { readonly only: ReadonlySet<string> };
  readonly #shards: ReadonlyMap<string, NumberedShard>;

  /** @param places in the order of databases, policies and times */
  constructor(places: readonly ShardPlace[], { index, of: parts }: { readonly index: number; readonly of: number }) {
    const byTime = [...places.keys()].sort((a, b) => {
      const [one, other] = [places[a] as ShardPlace, places[b] as ShardPlace];
      return one.startNs === other.startNs ? a - b : one.startNs < other.startNs ? -1 : 1;
    });
    const own = byTime.filter((_, i) => Math.floor((i * parts) / places.length) === index);
    this.choice = { only: new Set(own.map((place) => shardIdentity(places[place] as ShardPlace))) };
    this.#shards = new Map(places.map((place, i) => [shardIdentity(place), { ...place, id: i + 1 }]));
  }

  all(): NumberedShard[] {
    return [...this.#shards.values()];
  }

  at(place: ShardPlace): NumberedShard | undefined {
    return this.#shards.get(shardIdentity(place));
  }

  /** Returns whether a file may hold records of a shard that is compiled here. */
  concerns({ shards }: FileShards): boolean {
    for (const identity of shards) if (this.choice.only.has(identity)) return true;
    return false;
  }
}

/** Returns metadata with all databases and policies of a plan, and the given shards. */
export function metaOf(
  schema: ServerSchema,
  planned: readonly PlannedPolicy[],
  shards: readonly NumberedShard[],
): StorageMeta {
  const shardsOf = grouped(shards, ({ database, retentionPolicy }) => JSON.stringify([database, retentionPolicy]));
  const plannedOf = grouped(planned, ({ database }) => database);
  const databases = [...schema].map(([name, policies]): DatabaseMeta => {
    return {
      name,
      defaultRetentionPolicy: findPolicy(schema, name, '')?.name ?? '',
      retentionPolicies: policies.map((policy): RetentionPolicyMeta => {
        const own = shardsOf.get(JSON.stringify([name, policy.name])) ?? [];
        const wanted = plannedOf.get(name)?.find(({ name: one, schema: of }) => {
          return one === policy.name || (one === '' && (of?.name ?? policy.name) === policy.name);
        });
        return {
          name: policy.name,
          durationNs: policy.durationMs === Infinity ? 0n : BigInt(policy.durationMs) * 1_000_000n,
          shardGroupDurationNs: BigInt(policy.shardDurationMs) * 1_000_000n,
          replication: wanted?.schema?.replication ?? 1,
          shardGroups: own.map(({ id, startNs, endNs }) => ({ id, startNs, endNs, shardIds: [id] })),
        };
      }),
      continuousQueries: [],
    };
  });
  const idMax = shards.reduce((max, { id }) => Math.max(max, id), 0);
  return { databases, shardGroupIdMax: idMax, shardIdMax: idMax };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Returns a short text that is equal for two parts only if their metadata is. */
export function fingerprintOf(meta: StorageMeta): string {
  const text = JSON.stringify(meta, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
