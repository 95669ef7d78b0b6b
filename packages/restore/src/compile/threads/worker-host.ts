import type { Worker } from 'node:worker_threads';
import type { ThreadPool } from '../../threads/thread-pool';
import type { ShardChoice } from '../compiled-shard';
import type { WrittenShard } from '../shards/run';
import type { Route } from '../shards/unit';
import { errorOf, type ThreadAnswer, type ThreadData, type ThreadRequest } from './messages';
import type { OnOutcome, UnitHost } from './unit-host';

/** The size of the batches that a place of the ring holds. */
const PLACE_BYTES = 256 * 1024;
/** The batches that may wait for a thread: enough that it never waits for the next one. */
const PLACES = 8;

interface Question {
  readonly answered: (answer: ThreadAnswer) => void;
  readonly failed: (error: unknown) => void;
}

/** Compiles in another thread. */
export class WorkerHost implements UnitHost {
  readonly #pool: Pick<ThreadPool, 'giveBack'>;
  readonly #worker: Worker;
  readonly #ring = new SharedArrayBuffer(PLACES * PLACE_BYTES);
  readonly #lines: SharedArrayBuffer | undefined;
  readonly #signal: AbortSignal;
  readonly #questions: Question[] = [];
  /** The batches that the thread was given, the oldest first; and the number of the next place. */
  #batches: Promise<void>[] = [];
  #place = 0;
  /** True from the beginning of a database until its last shard. */
  #isBegun = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #onAbort = () => this.#fail(this.#signal.reason);

  constructor(
    pool: Pick<ThreadPool, 'take' | 'giveBack'>,
    { signal, ...settings }: Omit<ThreadData, 'ring'> & { readonly signal: AbortSignal },
  ) {
    this.#signal = signal;
    this.#lines = settings.lines;
    this.#pool = pool;
    this.#worker = pool.take({ compile: { ...settings, ring: this.#ring } });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () =>
      this.#fail(new Error('A thread that compiles has ended. Run the same command again.')),
    );
    signal.addEventListener('abort', this.#onAbort);
  }

  begin(choice: ShardChoice): void {
    this.#isBegun = true;
    this.#send({ begin: choice });
  }

  open(route: Route): void {
    this.#send({ open: route });
  }

  async add(bytes: Buffer, onOutcome: OnOutcome): Promise<void> {
    if (this.#batches.length === PLACES) await this.#batches.shift();
    const told = this.#ask(this.#batch(bytes)).then((answer) => {
      if ('outcome' in answer) onOutcome(answer.outcome);
    });
    told.catch(() => undefined); // it is thrown where the batch is waited for
    this.#batches.push(told);
  }

  async settled(): Promise<void> {
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) await batch;
  }

  async *shards(): AsyncGenerator<WrittenShard> {
    await this.settled();
    for (;;) {
      const answer = await this.#ask({ next: 'shard' });
      this.#isBegun = 'shard' in answer && answer.shard !== undefined;
      if (!('shard' in answer) || answer.shard === undefined) return;
      yield answer.shard;
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const isIdle = this.#failure === undefined && !this.#isBegun;
    this.#fail(new Error('the thread was ended'));
    if (isIdle) this.#pool.giveBack(this.#worker);
    else await this.#worker.terminate();
  }

  #batch(bytes: Buffer): ThreadRequest {
    const { length } = bytes;
    if (bytes.buffer === this.#lines) return { at: bytes.byteOffset, length, isInLines: true };
    if (length > PLACE_BYTES) return { bytes: new Uint8Array(bytes) };
    const at = PLACE_BYTES * this.#place;
    this.#place = (this.#place + 1) % PLACES;
    new Uint8Array(this.#ring, at, length).set(bytes);
    return { at, length };
  }

  async #ask(request: ThreadRequest): Promise<ThreadAnswer> {
    return await new Promise((answered, failed) => {
      this.#questions.push({ answered, failed });
      this.#send(request);
    });
  }

  #send(request: ThreadRequest): void {
    if (this.#failure !== undefined) this.#fail(this.#failure.error);
    else this.#worker.postMessage(request);
  }

  #answered(answer: ThreadAnswer): void {
    if ('fault' in answer) this.#fail(errorOf(answer.fault));
    else this.#questions.shift()?.answered(answer);
  }

  /** Fails what was asked, and all that will be. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { failed } of this.#questions.splice(0)) failed(this.#failure.error);
  }
}
