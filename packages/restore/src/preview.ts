import { type RestoreOptions, resolveRestore } from './options/restore';
import { sourceOf } from './plan/plan';
import type { RestorePlan } from './plan/types';
import { durationMs } from './target/duration';
import { findPolicy, missingSchema, readSchema } from './target/schema';
import { Target, type TargetShard } from './target/target';
import { wantedPolicies } from './target/wanted';
import { shardsToWipe } from './target/wipe';

/** What a restore would do to its target before the first write, and what the target would do to the points. */
export interface RestorePreview {
  /** The statements that create databases and policies. */
  readonly creates: readonly string[];
  /** The shards that `wipe` would drop; empty without it. */
  readonly wipes: readonly TargetShard[];
  /** Policies of the target that do not keep points for ever. */
  readonly expires: readonly PreviewedExpiry[];
}

export interface PreviewedExpiry {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** Points before it would be counted as expired instead of sent, ns. */
  readonly before: bigint;
  /** The backup's own policy kept them longer. */
  readonly isShorterThanBackup: boolean;
}

/**
 * Asks the target what a restore with these options would meet. Changes nothing.
 *
 * @throws RestoreError `INVALID_OPTIONS` or `TARGET_…`, as `restore` would
 */
export async function previewRestore(plan: RestorePlan, options: RestoreOptions): Promise<RestorePreview> {
  const settings = resolveRestore(options);
  const { partitions } = sourceOf(plan);
  const target = await Target.connect(settings.target, settings);
  const wanted = wantedPolicies(partitions, settings.map, settings.policies);
  const schema = await readSchema(
    target,
    wanted.map(({ database }) => database),
  );
  const expires = wanted.flatMap(({ database, name, schema: own }) => {
    const backupMs = own === undefined ? Infinity : (durationMs(own.duration) ?? Infinity);
    const keptMs = findPolicy(schema, database, name)?.durationMs ?? backupMs;
    if (keptMs === Infinity) return [];
    const before = BigInt(Math.floor(settings.clock.now() - keptMs)) * 1_000_000n;
    return [{ database, retentionPolicy: name, before, isShorterThanBackup: keptMs < backupMs }];
  });
  return {
    creates: missingSchema(schema, wanted),
    wipes: settings.wipe ? await shardsToWipe(target, schema, wanted) : [],
    expires,
  };
}
