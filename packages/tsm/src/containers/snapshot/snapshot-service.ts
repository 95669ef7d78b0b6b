import { systemClock, withDeadline } from '@ceres/internal';
import { placed, TsmError } from '../../errors';
import type { StorageMeta } from '../../meta/storage-meta';
import { check } from '../../options';
import type { Shard, ShardFile } from '../../shards/contract';
import { readTar } from '../archive/read-tar';
import { Scratch } from '../archive/scratch';
import { SpareMemory } from '../archive/spare-memory';
import { unpackShard } from '../archive/unpack-shard';
import { shardArchive } from '../archive/write-tar';
import type { ShardName } from '../shard-name';
import { parseSnapshotUrl, type SnapshotAddress, shownAddress } from './address';
import { readIdMapAnswer, readMetaAnswer } from './answers';
import { SnapshotConnection } from './connection';
import { type ResolvedSnapshot, resolveSnapshotOptions, type SnapshotOptions } from './options';
import { metaRequest, metaUpdateRequest, shardRequest, shardUpdateRequest } from './requests';

/** How often a shard is asked for again after a slow answer: each time, the server writes what is in its cache into a file. */
const slowRetriesMax = 3;

/** What to read of a shard. */
export interface ShardRequest {
  /**
   * Leaves out files that were last written before this time, less a second: a file may have been written in the second in which it was
   * asked for. Deletions from files that are left out do not show.
   */
  readonly since?: Date;
  /** The size of the shard, where it is known (`diskBytes` in `/debug/vars`): without the scratch space for it, nothing is asked. */
  readonly sizeBytes?: number | undefined;
}

/**
 * The snapshot service of a running InfluxDB 1.6 to 1.12, by default on port 8088. It has no users and no passwords, even where InfluxDB has:
 * reach it on its host, through `kubectl port-forward` or through an SSH tunnel. Format: docs/storage-engine.md, "Snapshot service".
 */
export class SnapshotService {
  /** Its address, as messages show it. */
  readonly url: string;
  readonly #address: SnapshotAddress;
  readonly #options: ResolvedSnapshot;
  readonly #spare = new SpareMemory();

  /**
   * @param url `tcp://127.0.0.1:8088`
   * @throws TsmError `INVALID_OPTIONS`
   */
  constructor(url: string, options: SnapshotOptions = {}) {
    this.#address = parseSnapshotUrl(url);
    this.#options = resolveSnapshotOptions(options);
    this.url = shownAddress(this.#address);
  }

  /**
   * Resolves with databases, policies and shard groups.
   *
   * @throws TsmError `UNREACHABLE`, `FOREIGN_SERVICE`, `INCOMPLETE`, `DAMAGED`; the signal's reason
   */
  async meta(): Promise<StorageMeta> {
    try {
      return await this.#exchange(metaRequest(), (answer) => readMetaAnswer(answer, this.url));
    } catch (error) {
      throw error instanceof TsmError && error.code === 'DAMAGED' ? placed(error, this.url) : error;
    }
  }

  /**
   * Reads a shard: its files, and what was in the cache, which the server first writes into a file. InfluxDB from late 1.8 on leaves the cache
   * out if another snapshot of the shard is being taken at that moment, and only its log says so. It waits for more than a second before that, so
   * that a slow answer is doubted: the shard is asked for again, and has `mayLackCache` if every answer was slow.
   *
   * The shard is unpacked, into memory or into the scratch folder. It must be whole: two blocks of zeros end its archive.
   *
   * @throws TsmError `BUSY`: it gave nothing, since it is gone or another snapshot of it is being taken; `INCOMPLETE`, `DAMAGED`,
   *   `UNSAFE_NAME`, `SCRATCH_FULL`, `UNREACHABLE`; the signal's reason
   */
  async openShard(shard: ShardName, request: ShardRequest = {}): Promise<Shard> {
    check.names('openShard', request, ['since', 'sizeBytes']);
    const { since, sizeBytes = 0 } = request;
    await this.checkScratch(`Shard ${shard.id} of ${this.url}`, sizeBytes);
    const scratch = () => new Scratch(this.#options.scratch, this.#spare);
    const { value: opened, isSlow } = await this.#archive(shard, since, (archive) =>
      unpackShard(archive, shard, scratch()),
    );
    return isSlow ? withoutCache(opened) : opened;
  }

  /**
   * Resolves with the names of a shard's files, such as `000000001-000000001.tsm`: an upload must not have one of them.
   *
   * @throws TsmError as `openShard`, but for `SCRATCH_FULL`
   */
  async fileNames(shard: ShardName): Promise<readonly string[]> {
    const { value } = await this.#archive(shard, undefined, async (archive) => {
      const names: string[] = [];
      for await (const { name } of readTar(archive)) names.push(name.slice(name.lastIndexOf('/') + 1));
      return names;
    });
    return value;
  }

  /** Asks for a shard until it gives something at once, or has been slow too often, and reads its archive. */
  async #archive<T>(
    shard: ShardName,
    since: Date | undefined,
    read: (archive: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<{ readonly value: T; readonly isSlow: boolean }> {
    checkShard(shard);
    const moment = since && new Date(since.getTime() - 1_000);
    const { busyAttemptsMax, slowAnswerMs, signal } = this.#options;
    let slowAnswers = 0;
    for (let attempt = 1; attempt <= busyAttemptsMax; attempt += 1) {
      const askedMs = performance.now();
      const done = await this.#request(shardRequest(shard.id, moment), async (connection) => {
        const answer = connection.answer();
        const first = await answer.next();
        if (first.done) return undefined;
        const isSlow = performance.now() - askedMs >= slowAnswerMs;
        if (isSlow) slowAnswers += 1;
        // Where the cache was large, it is on the disk by now, and the next answer comes at once.
        if (isSlow && slowAnswers <= slowRetriesMax && attempt < busyAttemptsMax) return undefined;
        return { value: await read(joined(first.value, answer)), isSlow };
      }).catch((error: unknown) => Promise.reject(placed(error, `Shard ${shard.id} of ${this.url}`)));
      if (done !== undefined) return done;
      // 0.1 s, then twice as long each time, at most 3 s.
      if (attempt < busyAttemptsMax) await systemClock.sleep(Math.min(50 * 2 ** attempt, 3_000), signal);
    }
    throw new TsmError(
      'BUSY',
      `${this.url} gave nothing of shard ${shard.id} in ${busyAttemptsMax} attempts: the shard is gone, or another snapshot of it is being taken all the time. See whether another backup runs, then try again.`,
    );
  }

  /**
   * Refuses to read a shard of a size that the memory and the scratch folder cannot hold.
   *
   * @throws TsmError `SCRATCH_FULL`
   */
  async checkScratch(what: string, sizeBytes: number): Promise<void> {
    await new Scratch(this.#options.scratch).checkSpace(what, sizeBytes);
  }

  /**
   * Adds a database of `meta` with its policies and shard groups. Its shards are empty then.
   *
   * @param meta an encoded `meta.Data`; `influxd` reads it in one piece, and fails if it is larger than about 100 KB
   * @returns the ids of the new shards by their ids in `meta`
   * @throws TsmError `META_REFUSED`: the server has a database of that name, or cannot read `meta`; `UNREACHABLE`, `FOREIGN_SERVICE`,
   *   `INCOMPLETE`; the signal's reason
   */
  async addDatabase(database: string, meta: Uint8Array): Promise<ReadonlyMap<number, number>> {
    check.text('database', database, 'telegraf');
    const request = Buffer.concat([metaUpdateRequest(meta, database), meta]);
    const ids = await this.#exchange(request, (answer) => readIdMapAnswer(answer, this.url));
    if (ids.size > 0) return ids;
    throw new TsmError(
      'META_REFUSED',
      `${this.url} did not add the database '${database}'. It refuses one that exists, one without shards, and metadata that it cannot read.`,
    );
  }

  /**
   * Sends files into a shard and waits until the server has closed the connection, which it does after it has applied them. **The server
   * confirms nothing**: it closes in the same way if it could not use them. Read the shard back.
   *
   * The names of the files decide what wins. InfluxDB replaces a file of the shard by one with its name, and destroys the points in it: use
   * generation 0 and names that the shard does not have. A type that the shard does not have for a field wrecks the shard.
   *
   * @param files whole files on a disk of this machine: while an upload waits, the writes into the shard wait. Without tombstones: the
   *   server leaves them out, so that deleted points would come back
   * @throws TsmError `INVALID_OPTIONS`, `UNSAFE_NAME`, `HAS_TOMBSTONES`, `UNREADABLE`, `UNREACHABLE`; the signal's reason
   */
  async uploadShard(shard: ShardName, files: readonly ShardFile[]): Promise<void> {
    checkShard(shard);
    const archive = shardArchive(shard, files);
    await this.#request(shardUpdateRequest(shard.id), async (connection) => {
      for await (const bytes of archive) await connection.write(bytes);
      connection.end();
      for await (const _ of connection.answer()); // Nothing comes but the end.
    });
  }

  /** Sends a request, and reads an answer that is short and has a time to arrive. */
  #exchange<T>(request: Uint8Array, read: (answer: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    const { timeoutMs: ms, signal } = this.#options;
    const error = () => new TsmError('UNREACHABLE', `${this.url} did not answer within ${ms / 1_000} s. Try again.`);
    return withDeadline({ ms, error, signal }, () => this.#request(request, (connection) => read(connection.answer())));
  }

  async #request<T>(request: Uint8Array, use: (connection: SnapshotConnection) => Promise<T>): Promise<T> {
    const connection = await SnapshotConnection.open(this.#address, this.#options);
    try {
      await connection.write(request);
      return await use(connection);
    } finally {
      connection.close();
    }
  }
}

function withoutCache(shard: Shard): Shard {
  return {
    columns: (range) => shard.columns(range),
    visitColumns: (visit, range) => shard.visitColumns(visit, range),
    points: (range) => shard.points(range),
    walCuts: shard.walCuts,
    mayLackCache: true,
    close: () => shard.close(),
  };
}

function checkShard({ database, retentionPolicy, id }: ShardName): void {
  check.text('database', database, 'telegraf');
  check.text('retentionPolicy', retentionPolicy, 'autogen');
  check.wholeNumber('id', id, { min: 1, max: Number.MAX_SAFE_INTEGER });
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
