import type { Worker } from 'node:worker_threads';
import type { Precision } from '@ceres/lineproto';
import { errorOf } from '../../../compile/threads/messages';
import type { ThreadPool } from '../../../threads/thread-pool';
import { type BackupSums, type SummingUp, sumsOfContent } from '../backup-sums';
import type { ScannedPolicy } from '../record-scanner';
import type { ScanAnswer, ScanBatch, ScanRequest, ScanThreadData } from './messages';

/** The largest batch that a place of the ring holds: as large as those that files are read in. */
const placeBytes = 512 * 1024;
/** The batches that may wait for the thread. */
const places = 8;
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
  readonly #lines: SharedArrayBuffer | undefined;
  readonly #asked: Asked[] = [];
  /** The batches that the thread was given, the oldest first. */
  readonly #added: Promise<unknown>[] = [];
  #place = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(pool: Pick<ThreadPool, 'take' | 'giveBack'>, settings: Omit<ScanThreadData, 'ring'>) {
    this.#pool = pool;
    this.#lines = settings.lines;
    this.#worker = pool.take({ scan: { ...settings, ring: this.#ring } });
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
    const added = this.#ask({ batch: { policy, precision, ...this.#placed(bytes) } });
    added.catch(() => undefined); // it is thrown where the batch is waited for
    this.#added.push(added);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#added.splice(0));
  }

  async finish(): Promise<readonly BackupSums[]> {
    await this.settled();
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

  /** Says where a batch is, and copies it there if that is elsewhere. */
  #placed(bytes: Buffer): Pick<ScanBatch, 'at' | 'length' | 'isInLines' | 'bytes'> {
    const { length } = bytes;
    if (bytes.buffer === this.#lines) return { at: bytes.byteOffset, length, isInLines: true };
    if (length > placeBytes) return { bytes };
    const at = (placeBytes + wordBytes) * this.#place + (bytes.byteOffset % wordBytes);
    this.#place = (this.#place + 1) % places;
    new Uint8Array(this.#ring, at, length).set(bytes);
    return { at, length };
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
