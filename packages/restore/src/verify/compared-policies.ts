import type { TargetNames } from '../options/name-map';
import type { PlanSource } from '../plan/plan';
import type { Target } from '../server/connection';
import { findPolicy, readSchema, type TargetSchema } from '../server/schema';

/** A policy that is compared: as the target has it, or as it should. */
export interface ComparedPolicy {
  readonly database: string;
  readonly name: string;
  /** On the target. */
  readonly exists: boolean;
  readonly durationMs: number;
  /** Points before it are not compared, ns. */
  readonly from: bigint | undefined;
}

/** Ahead of expiry, so that nothing compared expires while it is: a tenth of the duration, within these bounds. */
const marginMsMin = 5 * 60_000;
const marginMsMax = 6 * 3_600_000;

/** The policies that the partitions of a plan went into, by `key` of database and policy. */
export class ComparedPolicies {
  readonly #schema: TargetSchema;
  readonly #map: TargetNames;
  readonly #from: bigint | undefined;
  readonly #policies = new Map<string, ComparedPolicy>();
  readonly #nowMs: number;

  private constructor(schema: TargetSchema, map: TargetNames, from: bigint | undefined, nowMs: number) {
    this.#schema = schema;
    this.#map = map;
    this.#from = from;
    this.#nowMs = nowMs;
  }

  static async read(source: PlanSource, target: Target, map: TargetNames, nowMs: number): Promise<ComparedPolicies> {
    const databases = source.partitions.map(({ database }) => map.database(database));
    const policies = new ComparedPolicies(await readSchema(target, databases), map, source.selection.from, nowMs);
    for (const { database, retentionPolicy = '' } of source.partitions) policies.of(database, retentionPolicy);
    return policies;
  }

  /** By the names in the backup. */
  of(sourceDatabase: string, sourcePolicy: string): ComparedPolicy {
    const database = this.#map.database(sourceDatabase);
    const wanted = this.#map.retentionPolicy(sourcePolicy);
    const found = findPolicy(this.#schema, database, wanted);
    const name = found?.name ?? wanted;
    const key = JSON.stringify([database, name]);
    let policy = this.#policies.get(key);
    if (policy === undefined) {
      const durationMs = found?.durationMs ?? Infinity;
      policy = { database, name, exists: found !== undefined, durationMs, from: this.#comparedFrom(durationMs) };
      this.#policies.set(key, policy);
    }
    return policy;
  }

  all(): readonly ComparedPolicy[] {
    return [...this.#policies.values()];
  }

  #comparedFrom(durationMs: number): bigint | undefined {
    if (durationMs === Infinity) return this.#from;
    const marginMs = Math.min(marginMsMax, Math.max(marginMsMin, durationMs / 10));
    const expiry = BigInt(Math.ceil(this.#nowMs - durationMs + marginMs)) * 1_000_000n;
    return this.#from !== undefined && this.#from > expiry ? this.#from : expiry;
  }
}

/** When the first of the policy's points could have expired, ns. */
export function expiredBefore({ durationMs }: ComparedPolicy, nowMs: number): bigint | undefined {
  return durationMs === Infinity ? undefined : BigInt(Math.ceil(nowMs - durationMs)) * 1_000_000n;
}
