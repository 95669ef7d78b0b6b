import { earliest, latest, type Stretch, stretchesOf } from '@ceres/influx-http/internal';
import type { ServerConnection, ServerShard } from '../../server/connection';
import type { ComparedPolicy } from '../compared-policies';

/** The shards of the compared policies, as they were when the comparison of the database began. */
export class PolicyShards {
  readonly #server: ServerConnection;
  readonly #shards: readonly ServerShard[];
  readonly #until: bigint | undefined;
  /** The policies of which some measurement was read shard by shard. */
  readonly #used = new Set<string>();

  private constructor(server: ServerConnection, shards: readonly ServerShard[], until: bigint | undefined) {
    this.#server = server;
    this.#shards = shards;
    this.#until = until;
  }

  /** @param until only points before this time are compared, ns */
  static async read(server: ServerConnection, until: bigint | undefined): Promise<PolicyShards> {
    return new PolicyShards(server, await server.shards(), until);
  }

  /** Returns the compared time of a policy as one stretch; none if it is empty. */
  whole({ from, exists }: ComparedPolicy, until = this.#until): Stretch[] {
    const first = from === undefined || from < earliest ? earliest : from;
    const last = until === undefined || until > latest ? latest : until - 1n;
    return exists && first <= last ? [{ first, last, shards: 1 }] : [];
  }

  /** Returns the compared time of a policy, cut where a shard begins or ends. */
  cut(policy: ComparedPolicy, until = this.#until): Stretch[] {
    return this.#cut(policy, this.#shards, until);
  }

  /** Remembers that a policy was read shard by shard. */
  use(policy: ComparedPolicy): void {
    this.#used.add(keyOf(policy));
  }

  /** Returns whether a policy was read shard by shard, and by now has others: then a stretch may have had two shards. */
  async haveChanged(policy: ComparedPolicy): Promise<boolean> {
    if (!this.#used.has(keyOf(policy))) return false;
    const before = this.#cut(policy, this.#shards, this.#until);
    const now = this.#cut(policy, await this.#server.shards(), this.#until);
    return String(before.map(({ first }) => first)) !== String(now.map(({ first }) => first));
  }

  #cut(policy: ComparedPolicy, shards: readonly ServerShard[], until: bigint | undefined): Stretch[] {
    const { database, name, shardDurationMs } = policy;
    const own = shards.filter((shard) => shard.database === database && shard.retentionPolicy === name);
    return this.whole(policy, until).flatMap(({ first, last }) => stretchesOf(own, first, last, shardDurationMs));
  }
}

function keyOf({ database, name }: ComparedPolicy): string {
  return JSON.stringify([database, name]);
}
