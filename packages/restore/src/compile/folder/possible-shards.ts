import { type FileHeader, nanosecondsPer, type Precision } from '@ceres/lineproto';
import { skimLines } from '@ceres/lineproto/internal';
import type { ResolvedSelection } from '../../options/selection';
import { fetchHeader, mixedHeaderBytes } from '../../plan/headers';
import type { OrderedFile } from '../../plan/order';
import type { Proof } from '../../read/prove-file';
import type { Destinations } from '../../replay/destinations';
import { closeProof } from '../../replay/prove-ahead';
import { type ShardPlace, shardIdentity } from '../compiled-shard';
import { shardGroupAt } from '../rows/shard-times';

/** A file whose summary spans more shard groups is read for its times: one point of a wrong year must not make thousands of groups. */
const groupsOfSummaryMax = 64;
/** How many headers are read concurrently. */
const headersAtOnce = 16;
/** InfluxDB refuses records of other times (`models.MinNanoTime` and `models.MaxNanoTime`). */
const timeMinNs = -(2n ** 63n) + 2n;
const timeMaxNs = 2n ** 63n - 2n;
const batchBytesMax = 256 * 1024;

export interface PossibleShardsSettings {
  readonly selection: ResolvedSelection;
  readonly destinations: Destinations;
  /** The precision of files that do not name one. */
  readonly precision: Precision;
  readonly prove: (file: OrderedFile) => Promise<Proof>;
}

/** A file, and the shards that it may hold records of, by what identifies them. */
export interface FileShards {
  readonly file: OrderedFile;
  readonly shards: ReadonlySet<string>;
}

/**
 * Finds the shards that a plan may have records in, from the summaries of its files alone wherever they are proven: so that every part finds the
 * same ones, whichever files it reads later. It depends on no clock.
 */
export class PossibleShards {
  readonly #settings: PossibleShardsSettings;
  readonly #places = new Map<string, ShardPlace>();

  constructor(settings: PossibleShardsSettings) {
    this.#settings = settings;
  }

  /** The shards of the files so far, by database, policy and time. */
  get places(): ShardPlace[] {
    return [...this.#places.values()].sort(comparePlaces);
  }

  /** Yields each file with its shards, in the same order. */
  async *of(files: AsyncIterable<OrderedFile>): AsyncGenerator<FileShards> {
    let waiting: Promise<FileShards>[] = [];
    for await (const file of files) {
      const shards = this.#shardsOf(file).then((found) => ({ file, shards: found }));
      shards.catch(() => undefined); // until it is awaited below, a rejection would end the process
      waiting.push(shards);
      if (waiting.length < headersAtOnce) continue;
      for (const one of waiting) yield await one;
      waiting = [];
    }
    for (const one of waiting) yield await one;
  }

  async #shardsOf(file: OrderedFile): Promise<ReadonlySet<string>> {
    const { storage, signal } = this.#settings.selection;
    const fetched = await fetchHeader(storage, file.key, signal, file.mixed ? mixedHeaderBytes : undefined);
    const summary = fetched?.isProven ? fetched.header.summary : undefined;
    if (fetched !== undefined && summary !== undefined) {
      const { firstTimestamp: first, lastTimestamp: last } = summary;
      const found = this.#between(fetched.header, first, last);
      if (found !== undefined) return found;
    }
    return await this.#read(file);
  }

  /** Returns the shards from one time to another; `undefined` if there are too many to believe. */
  #between(header: FileHeader, first: bigint, last: bigint): ReadonlySet<string> | undefined {
    const { selection } = this.#settings;
    const unit = nanosecondsPer[header.precision ?? this.#settings.precision];
    const from = later(later(first * unit, timeMinNs), selection.from);
    const to = earlier(
      earlier(last * unit, timeMaxNs),
      selection.until === undefined ? undefined : selection.until - 1n,
    );
    const found = new Set<string>();
    for (const retentionPolicy of this.#policiesOf(header)) {
      const address = this.#settings.destinations.of({ ...header, retentionPolicy })?.to;
      if (address === undefined) continue;
      const durationNs = BigInt(address.shardDurationMs) * 1_000_000n;
      if ((to - from) / durationNs > groupsOfSummaryMax) return undefined;
      for (let at = from; at <= to; ) {
        const times = shardGroupAt(at, durationNs);
        found.add(this.#add({ ...address, ...times }));
        at = times.endNs;
      }
    }
    return found;
  }

  async #read(file: OrderedFile): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const proof = await this.#settings.prove(file);
    try {
      if ('damage' in proof) return found;
      const { header } = proof;
      for await (const { bytes, retentionPolicy = header.retentionPolicy } of proof.batches(batchBytesMax)) {
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (const { timestamp } of skimLines(buffer)) {
          if (timestamp === undefined) continue;
          const one = this.#between({ ...header, retentionPolicy, mixed: [retentionPolicy] }, timestamp, timestamp);
          for (const id of one ?? []) found.add(id);
        }
      }
      return found;
    } finally {
      await closeProof(proof);
    }
  }

  #policiesOf({ mixed, retentionPolicy }: FileHeader): readonly string[] {
    const { retentionPolicies } = this.#settings.selection;
    return mixed?.filter((policy) => retentionPolicies?.has(policy) !== false) ?? [retentionPolicy];
  }

  #add({ database, retentionPolicy, startNs, endNs }: ShardPlace): string {
    const id = shardIdentity({ database, retentionPolicy, startNs });
    if (!this.#places.has(id)) this.#places.set(id, { database, retentionPolicy, startNs, endNs });
    return id;
  }
}

function comparePlaces(a: ShardPlace, b: ShardPlace): number {
  const [one, other] = [`${a.database}\0${a.retentionPolicy}`, `${b.database}\0${b.retentionPolicy}`];
  return one === other ? (a.startNs < b.startNs ? -1 : 1) : one < other ? -1 : 1;
}

function later(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a > b ? a : b;
}

function earlier(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a < b ? a : b;
}
