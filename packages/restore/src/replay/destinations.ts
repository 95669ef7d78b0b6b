import type { FileHeader, Precision } from '@ceres/lineproto';
import type { Clock } from '@ceres/storage';
import type { NameMap } from '../options/name-map';
import { findPolicy, type ServerSchema } from '../server/schema';
import type { WriteAddress } from './route/body';

/** Clocks differ, and the server's decides. Points this close to expiry are sent, and the server may refuse them. */
const clockSkewMsMax = 300_000;

/** The destination of a file's records. */
export interface Destination {
  readonly to: WriteAddress;
  /** Points before this time have expired there, ns; `undefined` if points never expire. */
  readonly keptFrom: bigint | undefined;
}

/** Finds where the records of a file go by its header: the key only selects the file. */
export class Destinations {
  readonly #schema: ServerSchema;
  readonly #map: NameMap;
  /** The precision of files that do not name one. */
  readonly #precision: Precision;
  readonly #clock: Clock;

  constructor(schema: ServerSchema, settings: { map: NameMap; precision: Precision; clock: Clock }) {
    this.#schema = schema;
    this.#map = settings.map;
    this.#precision = settings.precision;
    this.#clock = settings.clock;
  }

  /** Returns the destination; `undefined` if the header names a database and policy that no key in the plan names. */
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
