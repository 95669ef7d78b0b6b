import type { SeedPlan } from '../plan';

/** A database and policy that a seed has shards of. */
export interface PlacedPartition {
  readonly database: string;
  readonly retentionPolicy: string;
}

/** Returns the databases and policies of a plan, each once. */
export function partitionsIn({ shards }: SeedPlan): readonly PlacedPartition[] {
  const names = new Map<string, PlacedPartition>();
  for (const { database, retentionPolicy } of shards) {
    names.set(JSON.stringify([database, retentionPolicy]), { database, retentionPolicy });
  }
  return [...names.values()];
}
