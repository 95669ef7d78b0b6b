import type { Precision } from '@ceres/lineproto';
import type { ResolvedComparison } from '../../../options/verify';
import { packageThreads, type ThreadPool } from '../../../threads/thread-pool';
import { type BackupSums, LocalSummingUp, type SummingUp } from '../backup-sums';
import type { ScannedPolicy } from '../record-scanner';
import type { ScanThreadData } from './messages';
import { ScanThread } from './scan-thread';

/** Sums up in several threads, of which each has some databases: no point is in two of them. */
class SeveralThreads implements SummingUp {
  readonly #threads: readonly SummingUp[];
  /** The bytes that each thread was given. */
  readonly #bytes: number[];
  readonly #ofDatabase = new Map<string, number>();

  constructor(threads: readonly SummingUp[]) {
    this.#threads = threads;
    this.#bytes = threads.map(() => 0);
  }

  async add(bytes: Buffer, policy: ScannedPolicy, precision: Precision): Promise<void> {
    const { database } = policy;
    const thread = this.#ofDatabase.get(database) ?? this.#bytes.indexOf(Math.min(...this.#bytes));
    this.#ofDatabase.set(database, thread);
    this.#bytes[thread] = (this.#bytes[thread] ?? 0) + bytes.length;
    await (this.#threads[thread] as SummingUp).add(bytes, policy, precision);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.settled()));
  }

  async finish(): Promise<readonly BackupSums[]> {
    return (await Promise.all(this.#threads.map((thread) => thread.finish()))).flat();
  }

  async close(): Promise<void> {
    for (const thread of this.#threads) await thread.close();
  }
}

/**
 * Starts to sum up: in threads, where the package's file for them is beside this one, else in this thread.
 *
 * @param lines the memory, which all threads see, that batches may lie in
 */
export function startSummingUp(
  { threads, scratchDir, lines }: Pick<ResolvedComparison, 'threads' | 'scratchDir'> & Pick<ScanThreadData, 'lines'>,
  pool: Pick<ThreadPool, 'take' | 'giveBack'> | undefined = packageThreads(),
): SummingUp {
  if (pool === undefined || threads < 2) return new LocalSummingUp(scratchDir);
  return new SeveralThreads(Array.from({ length: threads - 1 }, () => new ScanThread(pool, { scratchDir, lines })));
}
