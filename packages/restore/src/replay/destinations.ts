import type { FileHeader, Precision } from '@ceres/lineproto';
import type { Clock } from '@ceres/storage';
import type { NameMap } from '../options/name-map';
import { findPolicy, type ServerSchema } from '../server/schema';
import type { WriteDestination } from './route/body';

/**
 * Clocks differ, and the server's decides: what is this close to expiry is sent, and the server may refuse it.
 */
const clockSkewMsMax = 300_000;

export interface Destination {
  readonly to: WriteDestination;
  /** Points before it have expired there, ns; `undefined` if none ever do. */
  readonly keptFrom: bigint | undefined;
}

/** Where the records of a file go, by its header: the key only selects. */
export class Destinations {
  readonly #schema: ServerSchema;
  readonly #map: NameMap;
  /** Of files that do not say theirs. */
  readonly #precision: Precision;
  readonly #clock: Clock;

  constructor(schema: ServerSchema, settings: { map: NameMap; precision: Precision; clock: Clock }) {
    this.#schema = schema;
    this.#map = settings.map;
    this.#precision = settings.precision;
    this.#clock = settings.clock;
  }

  /** @returns `undefined` if the header names what no key in the plan does */
  of(header: FileHeader): Destination | undefined {
    const database = this.#map.database(header.database);
    const policy = findPolicy(this.#schema, database, this.#map.retentionPolicy(header.retentionPolicy));
    if (policy === undefined) return undefined;
    const { name: retentionPolicy, shardDurationMs } = policy;
    const to = { database, retentionPolicy, precision: header.precision ?? this.#precision, shardDurationMs };
    const keptFromMs = Math.floor(this.#clock.now() - policy.durationMs - clockSkewMsMax);
    return { to, keptFrom: policy.durationMs === Infinity ? undefined : BigInt(keptFromMs) * 1_000_000n };
  }
}
