import { packageThreads, type ThreadPool } from '../../threads/thread-pool';
import type { ScratchFolder } from '../shards/scratch-folder';
import type { RightOfWay } from './right-of-way';
import { LocalHost, type UnitHost } from './unit-host';
import { WorkerHost } from './worker-host';

/** Rows may take this part of the memory that was allowed: to write them out takes as much again where a shard has strings. */
const ROWS_PART = 0.4;

export interface CrewSettings {
  readonly scratch: ScratchFolder;
  /** The memory for records, in all threads together. */
  readonly memoryBytesMax: number;
  /** The threads that work, this one included. */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** The memory that the lines of files are in; it need not be copied. */
  readonly lines?: SharedArrayBuffer;
  /** Work before which this thread does not compile. Default: none. */
  readonly way?: RightOfWay;
  /** Has the threads that compile. Default: those of this package; without them, a program compiles in its main thread. */
  readonly pool?: Pick<ThreadPool, 'take' | 'giveBack'> | undefined;
}

/** The threads that compile, each one database at a time. Close it after use. */
export class Crew {
  readonly #hosts: readonly UnitHost[];
  readonly #free: UnitHost[];
  /** Those who wait for a host. */
  readonly #waiting: ((host: UnitHost) => void)[] = [];

  constructor({ pool = packageThreads(), ...settings }: CrewSettings) {
    const { scratch, memoryBytesMax, threads, signal, lines, way } = settings;
    const workers = pool === undefined ? 0 : threads - 1;
    const ownBytesMax = (ROWS_PART * memoryBytesMax) / Math.max(1, workers);
    const inWorkers = { memoryBytesMax: ownBytesMax, scratchDir: scratch.path, signal, lines };
    this.#hosts =
      pool === undefined || workers < 1
        ? [new LocalHost({ scratch, memoryBytesMax: ownBytesMax, signal, way })]
        : Array.from({ length: workers }, () => new WorkerHost(pool, inWorkers));
    this.#free = [...this.#hosts];
  }

  /** Resolves with a host once one is free. Give it back. */
  async take(): Promise<UnitHost> {
    const host = this.#free.pop();
    return host ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }

  giveBack(host: UnitHost): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(host);
    else next(host);
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) await host.close();
  }
}
