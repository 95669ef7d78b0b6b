/** A shard, by the names that its files have in an archive: `database/policy/id/…`. Format: docs/storage-engine.md, "Portable backup". */
export interface ShardName {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly id: number;
}

/** Compares by database, policy and id. */
export function compareShardNames(a: ShardName, b: ShardName): number {
  return compareText(a.database, b.database) || compareText(a.retentionPolicy, b.retentionPolicy) || a.id - b.id;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
