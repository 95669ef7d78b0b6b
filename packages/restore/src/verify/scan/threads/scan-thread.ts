import type { Worker } from 'node:worker_threads';
import type { Precision } from '@ceres/lineproto';
import { errorOf } from '../../../compile/threads/messages';
import type { ThreadPool } from '../../../threads/thread-pool';
import { type BackupSums, type SummingUp, sumsOfContent } from '../backup-sums';
import type { ScannedPolicy } from '../record-scanner';
import type { ScanAnswer, ScanRequest } from './messages';

/** The largest batch that a place of the ring holds: as large as those that files are read in. */
const placeBytes = 512 * 1024;
/** The batches that may wait for the thread. */
const places = 4;
/** A batch begins as far behind such a boundary as where it comes from. Else V8 copies into shared memory byte by byte. */
const wordBytes = 8;

interface Asked {
  readonly done: (answer: ScanAnswer) => void;
  readonly failed: (error: unknown) => void;
}

/** Sums up records in another thread. */
export class ScanThread implements SummingUp {
  readonly #pool: Pick<ThreadPool, 'giveBack'>;
  readonly #worker: Worker;
  readonly #ring = new SharedArrayBuffer(places * (placeBytes + wordBytes));
  readonly #asked: Asked[] = [];
  readonly #added: Promise<unknown>[] = [];
  #place = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(pool: Pick<ThreadPool, 'take' | 'giveBack'>, scratchDir: string) {
    this.#pool = pool;
    this.#worker = pool.take({ scan: { scratchDir, ring: this.#ring } });
    this.#worker.on('message', (answer: ScanAnswer) => {
      if (typeof answer === 'object' && 'fault' in answer) this.#fail(errorOf(answer.fault));
      else this.#asked.shift()?.done(answer);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () =>
      this.#fail(new Error('A thread that sums up has ended. Run the same command again.')),
    );
  }

  async add(bytes: Buffer, policy: ScannedPolicy, precision: Precision): Promise<void> {
    if (this.#added.length === places) await this.#added.shift();
    const { length } = bytes;
    let batch: { at: number; length: number } | { bytes: Uint8Array } = { bytes };
    if (length <= placeBytes) {
      batch = { at: (placeBytes + wordBytes) * this.#place + (bytes.byteOffset % wordBytes), length };
      this.#place = (this.#place + 1) % places;
      new Uint8Array(this.#ring, batch.at, length).set(bytes);
    }
    const added = this.#ask({ batch: { policy, precision, ...batch } });
    added.catch(() => undefined); // it is thrown where the batch is waited for
    this.#added.push(added);
  }

  async finish(): Promise<readonly BackupSums[]> {
    await Promise.all(this.#added.splice(0));
    const answer = await this.#ask('finish');
    return typeof answer === 'object' && 'sums' in answer ? [sumsOfContent(answer.sums)] : [];
  }

  /** Removes what the thread has in the scratch folder, and ends it, or gives it back if nothing has failed. */
  async close(): Promise<void> {
    if (this.#failure === undefined) await this.#ask('close').catch(() => undefined);
    const isIdle = this.#failure === undefined;
    this.#fail(new Error('the thread was ended'));
    if (isIdle) this.#pool.giveBack(this.#worker);
    else await this.#worker.terminate();
  }

  async #ask(request: ScanRequest): Promise<ScanAnswer> {
    if (this.#failure !== undefined) throw this.#failure.error;
    return await new Promise((done, failed) => {
      this.#asked.push({ done, failed });
      this.#worker.postMessage(request);
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { failed } of this.#asked.splice(0)) failed(this.#failure.error);
  }
}
