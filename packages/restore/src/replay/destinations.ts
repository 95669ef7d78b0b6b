import type { FileHeader, Precision } from '@ceres/lineproto';
import type { Clock } from '@ceres/storage';
import type { NameMap } from '../options/name-map';
import type { LeftOut } from '../server/left-out/left-out';
import { findPolicy, type ServerSchema } from '../server/policies/schema';
import type { WriteAddress } from './route/body';

/** Clocks differ, and the server's decides. Points this close to expiry are sent, and the server may refuse them. */
const clockSkewMsMaxDefault = 300_000;

/** The destination of a file's records. */
export interface Destination {
  readonly to: WriteAddress;
  /** Points before this time have expired there, ns; `undefined` if points never expire. */
  readonly keptFrom: bigint | undefined;
}

export interface DestinationSettings {
  readonly map: NameMap;
  readonly precision: Precision;
  readonly clock: Clock;
  readonly leftOut: readonly LeftOut[];
  /** How much longer than the policy says points count as kept. Default: 5 minutes, since the server refuses those that it does not keep. */
  readonly clockSkewMsMax?: number;
}

/** Finds where the records of a file go by its header: the key only selects the file. */
export class Destinations {
  readonly #schema: ServerSchema;
  readonly #map: NameMap;
  /** The precision of files that do not name one. */
  readonly #precision: Precision;
  readonly #clock: Clock;
  readonly #leftOut: readonly LeftOut[];
  readonly #clockSkewMsMax: number;

  constructor(schema: ServerSchema, settings: DestinationSettings) {
    this.#schema = schema;
    this.#map = settings.map;
    this.#precision = settings.precision;
    this.#clock = settings.clock;
    this.#leftOut = settings.leftOut;
    this.#clockSkewMsMax = settings.clockSkewMsMax ?? clockSkewMsMaxDefault;
  }

  /** Returns whether the server cannot have this policy, so that its records are left out. */
  isLeftOut(header: FileHeader): boolean {
    return this.#leftOut.some(
      ({ database, retentionPolicy }) => database === header.database && retentionPolicy === header.retentionPolicy,
    );
  }

  /** Returns the database that a database of the backup goes into. */
  databaseOf(inBackup: string): string {
    return this.#map.database(inBackup);
  }

  /** Returns the destination; `undefined` if the header names a database and policy that no key in the plan names. */
  of(header: FileHeader): Destination | undefined {
    const database = this.#map.database(header.database);
    const policy = findPolicy(this.#schema, database, this.#map.retentionPolicy(header.retentionPolicy));
    if (policy === undefined) return undefined;
    const { name: retentionPolicy, shardDurationMs } = policy;
    const to = { database, retentionPolicy, precision: header.precision ?? this.#precision, shardDurationMs };
    const keptFromMs = Math.floor(this.#clock.now() - policy.durationMs - this.#clockSkewMsMax);
    return { to, keptFrom: policy.durationMs === Infinity ? undefined : BigInt(keptFromMs) * 1_000_000n };
  }
}
