import type { Clock } from '@ceres/internal';
import type { Body, WriteAddress } from '../route/body';
import { whyInvalid } from '../route/record-filter';
import { firstRecords, shardRange } from '../route/shards';
import type { Decision } from './poster';

/** What a first write goes through, and what then delivers the whole body. */
export interface FirstWritesSettings {
  readonly clock: Clock;
  /** Sends records until the server has decided about them. */
  readonly post: (bytes: Uint8Array, records: number, to: WriteAddress) => Promise<Decision>;
  /** Delivers a body; resolves with the number of records that were stored. */
  readonly deliver: (body: Body) => Promise<number>;
}

/**
 * A shard in which nothing was stored for this time counts as new. InfluxDB looks every ten seconds for shards that need no memory, and
 * the first write to such a shard is like one to a new shard.
 */
const restMsMax = 5_000;
/** A body of more shards is looked at record by record, because few of them may be in it. */
const rangeMax = 16;

/**
 * Opens each shard with a write that goes alone: the first record that a body has for it. The whole body follows, with that record
 * again, and only then may others touch the shard.
 *
 * InfluxDB makes room for a shard's points in memory when the first write arrives. Another one that comes at that moment may be
 * acknowledged and written into the log, but not into memory: no query shows it before a restart, and once memory is written to a file,
 * it is lost.
 */
export class FirstWrites {
  readonly #settings: FirstWritesSettings;
  /** When something was last stored in a shard. */
  readonly #storedMs = new Map<string, number>();
  /** The shards that are being opened, with a promise for the end of it. */
  readonly #claimed = new Map<string, Promise<void>>();

  constructor(settings: FirstWritesSettings) {
    this.#settings = settings;
  }

  /**
   * Delivers a body once its shards are open.
   *
   * @throws what `post` and `deliver` throw
   */
  async deliver(body: Body): Promise<void> {
    const range = this.#rangeOf(body);
    const isOpen = range?.every((shard) => this.#isOpen(shard)) ?? false;
    const records = isOpen ? undefined : this.#firstRecords(body, range?.length ?? Infinity);
    const shards = records === undefined ? (range ?? []) : [...records.keys()];
    for (;;) {
      const fresh = shards.filter((shard) => !this.#isOpen(shard));
      const taken = fresh.flatMap((shard) => this.#claimed.get(shard) ?? []);
      if (taken.length > 0) await Promise.all(taken);
      else if (records === undefined || fresh.length === 0) break;
      // All are claimed at once, and none while one is taken, so that no two bodies wait for each other.
      else if (await this.#claim(fresh, () => this.#open(fresh, records, body))) return;
    }
    this.#note(shards, body.records, await this.#settings.deliver(body));
  }

  /** Opens shards; if the server refuses that, delivers the whole body in place of it, and returns `true`. */
  async #open(fresh: readonly string[], records: ReadonlyMap<string, Uint8Array>, body: Body): Promise<boolean> {
    const { post, deliver } = this.#settings;
    const first = Buffer.concat(fresh.map((shard) => records.get(shard) ?? Buffer.alloc(0)));
    // InfluxDB may take types from a record that it refuses.
    const isValid = whyInvalid(first, body.to.precision) === undefined;
    const kind = isValid ? (await post(first, fresh.length, body.to)).kind : 'refused';
    if (kind === 'stored') this.#note(fresh, fresh.length, fresh.length);
    else this.#note(fresh, body.records, await deliver(body));
    return kind !== 'stored';
  }

  async #claim<T>(shards: readonly string[], action: () => Promise<T>): Promise<T> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const shard of shards) this.#claimed.set(shard, released);
    try {
      return await action();
    } finally {
      for (const shard of shards) this.#claimed.delete(shard);
      release();
    }
  }

  /** Notes what was stored. If that is only a part, it is not known in which of several shards. */
  #note(shards: readonly string[], records: number, stored: number): void {
    if (stored < records && (stored === 0 || shards.length > 1)) return;
    for (const shard of shards) this.#storedMs.set(shard, this.#settings.clock.now());
  }

  #isOpen(shard: string): boolean {
    const storedMs = this.#storedMs.get(shard);
    return storedMs !== undefined && this.#settings.clock.now() - storedMs < restMsMax;
  }

  /** Returns the shards that a body may touch; `undefined` if they are unknown or many. */
  #rangeOf(body: Body): string[] | undefined {
    const [first, last] = shardRange(body) ?? [0, Infinity];
    const length = last - first + 1;
    return length > rangeMax ? undefined : Array.from({ length }, (_, i) => nameOf(body, first + i));
  }

  #firstRecords(body: Body, shardsMax: number): Map<string, Uint8Array> {
    return new Map(Array.from(firstRecords(body, shardsMax), ([shard, record]) => [nameOf(body, shard), record]));
  }
}

function nameOf({ to }: Body, shard: number): string {
  return `${to.database}/${to.retentionPolicy}/${shard}`;
}
