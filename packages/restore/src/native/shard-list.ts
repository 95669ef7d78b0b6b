import type { PlacedGroup } from '../server/snapshot/one-server';

/** The groups of one policy, by their beginnings. */
interface PolicyGroups {
  readonly groups: PlacedGroup[];
  /** The latest end of the groups up to each of them. */
  readonly endsMax: bigint[];
}

/** A stretch of time in a policy. */
export interface Stretch {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** The shards that a server has listed. A look for one costs the same, however many there are. */
export class ShardList {
  readonly shards: readonly PlacedGroup[];
  readonly #policies = new Map<string, PolicyGroups>();

  constructor(groups: readonly PlacedGroup[]) {
    this.shards = groups;
    const inOrder = [...groups].sort((a, b) => compare(a.group.startNs, b.group.startNs));
    for (const one of inOrder) {
      const key = keyOf(one);
      const policy = this.#policies.get(key) ?? { groups: [], endsMax: [] };
      this.#policies.set(key, policy);
      const before = policy.endsMax.at(-1) ?? one.group.endNs;
      policy.groups.push(one);
      policy.endsMax.push(later(before, one.group.endNs));
    }
  }

  /** Returns the groups that share time with a stretch. */
  within(stretch: Stretch): readonly PlacedGroup[] {
    const { groups, endsMax } = this.#policies.get(keyOf(stretch)) ?? { groups: [], endsMax: [] };
    const found: PlacedGroup[] = [];
    for (let i = beginningBefore(groups, stretch.endNs) - 1; i >= 0; i -= 1) {
      if ((endsMax[i] as bigint) <= stretch.startNs) break;
      const one = groups[i] as PlacedGroup;
      if (one.group.endNs > stretch.startNs) found.push(one);
    }
    return found;
  }
}

/** Returns how many groups, which are in order, begin before a time. */
function beginningBefore(groups: readonly PlacedGroup[], timeNs: bigint): number {
  let [low, high] = [0, groups.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((groups[middle] as PlacedGroup).group.startNs < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf({ database, retentionPolicy }: Pick<Stretch, 'database' | 'retentionPolicy'>): string {
  return JSON.stringify([database, retentionPolicy]);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function later(a: bigint, b: bigint): bigint {
  return compare(a, b) < 0 ? b : a;
}
