import type { NameMap } from '../options/name-map';
import type { PlanSource } from '../plan/plan';
import { policyNamesOf } from '../plan/types';
import { findPolicy, type ServerSchema } from '../server/policies/schema';

/** A policy that is compared: one that the server has, or one that it should have. */
export interface ComparedPolicy {
  readonly database: string;
  readonly name: string;
  /** The server has the policy. */
  readonly exists: boolean;
  readonly durationMs: number;
  readonly shardDurationMs: number;
  /** Points before this time are not compared, ns. */
  readonly from: bigint | undefined;
}

/**
 * The comparison begins this much after the time of expiry, so that no point expires while it is compared: by a tenth of
 * the policy's duration, within these bounds.
 */
const marginMsMin = 5 * 60_000;
const marginMsMax = 6 * 3_600_000;

/** The policies on the server that correspond to the partitions of a plan. */
export class ComparedPolicies {
  readonly #schema: ServerSchema;
  readonly #map: NameMap;
  readonly #from: bigint | undefined;
  readonly #policies = new Map<string, ComparedPolicy>();
  readonly #nowMs: number;

  private constructor(schema: ServerSchema, map: NameMap, from: bigint | undefined, nowMs: number) {
    this.#schema = schema;
    this.#map = map;
    this.#from = from;
    this.#nowMs = nowMs;
  }

  /** @param schema the policies of the compared databases */
  static of(source: PlanSource, schema: ServerSchema, map: NameMap, nowMs: number): ComparedPolicies {
    const policies = new ComparedPolicies(schema, map, source.selection.from, nowMs);
    for (const partition of source.partitions) {
      for (const name of policyNamesOf(partition)) policies.of(partition.database, name);
    }
    return policies;
  }

  /** Returns the policy on the server that the names in the backup stand for. */
  of(sourceDatabase: string, sourcePolicy: string): ComparedPolicy {
    const database = this.#map.database(sourceDatabase);
    const mapped = this.#map.retentionPolicy(sourcePolicy);
    const found = findPolicy(this.#schema, database, mapped);
    const name = found?.name ?? mapped;
    const key = keyOf(database, name);
    let policy = this.#policies.get(key);
    if (policy === undefined) {
      const durationMs = found?.durationMs ?? Infinity;
      policy = {
        database,
        name,
        exists: found !== undefined,
        durationMs,
        shardDurationMs: found?.shardDurationMs ?? Infinity,
        from: this.#comparedFrom(durationMs),
      };
      this.#policies.set(key, policy);
    }
    return policy;
  }

  /** Returns a policy by its names on the server. */
  named(database: string, name: string): ComparedPolicy | undefined {
    return this.#policies.get(keyOf(database, name));
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

/** Returns the time before which a policy's points may have expired, ns. */
export function expiredBefore({ durationMs }: ComparedPolicy, nowMs: number): bigint | undefined {
  return durationMs === Infinity ? undefined : BigInt(Math.ceil(nowMs - durationMs)) * 1_000_000n;
}

function keyOf(database: string, name: string): string {
  return JSON.stringify([database, name]);
}
