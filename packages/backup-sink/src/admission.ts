import { SinkError } from './errors';

/** The two limits that a write must fit into, and what is in use of them. */
export interface Room {
  readonly bufferedBytesMax: number;
  /** Of the spool, without the reserve. */
  readonly spoolBytesMax: number;
  readonly onSpoolFull: 'wait' | 'reject';
  /** What the spool holds now. */
  spooledBytes(): number;
  /** Told that a write found the spool full. */
  spoolFull(): void;
}

interface Waiting {
  readonly bytes: number;
  admit(): void;
  refuse(reason: unknown): void;
}

/**
 * Lets writes in while there is room, in the order of their calls. A write that must wait keeps those behind it
 * waiting, also small ones: otherwise large writes would never get in, and lines would change places.
 */
export class Admission {
  readonly #room: Room;
  readonly #waiting: Waiting[] = [];
  #bufferedBytes = 0;
  #closed: SinkError | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Takes room for these bytes, to be given back by `leave`: at once (`undefined`), or when the promise resolves.
   *
   * @throws SinkError `SPOOL_FULL`, `CLOSED`; the signal's reason
   */
  enter(bytes: number, signal: AbortSignal | undefined): Promise<void> | undefined {
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    this.#refuseIfNeverFits(bytes);
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#bufferedBytes += bytes;
      return undefined;
    }
    return this.#wait(bytes, signal);
  }

  /** They are on the disk, or failed. */
  leave(bytes: number): void {
    this.#bufferedBytes -= bytes;
    this.wake();
  }

  /** To be called when there may be more room. */
  wake(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#bufferedBytes += next.bytes;
      next.admit();
    }
  }

  /** Refuses whoever waits, and whoever comes. */
  close(error: SinkError): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(error);
  }

  /** A write larger than the whole buffer is let through alone. */
  #fits(bytes: number): boolean {
    return this.#bufferHas(bytes) && this.#spoolHas(bytes);
  }

  #bufferHas(bytes: number): boolean {
    return this.#bufferedBytes === 0 || this.#bufferedBytes + bytes <= this.#room.bufferedBytesMax;
  }

  #spoolHas(bytes: number): boolean {
    return this.#room.spooledBytes() + this.#bufferedBytes + bytes <= this.#room.spoolBytesMax;
  }

  #refuseIfNeverFits(bytes: number): void {
    if (bytes > this.#room.spoolBytesMax)
      throw this.#spoolFull(`This write of ${bytes} bytes is larger than all of it.`);
    if (this.#room.onSpoolFull === 'wait' || this.#spoolHas(bytes)) return;
    this.#room.spoolFull();
    throw this.#spoolFull('Is the storage reachable? See stats().lastError.');
  }

  #spoolFull(advice: string): SinkError {
    const { spoolBytesMax } = this.#room;
    return new SinkError(
      'SPOOL_FULL',
      `The spool is full: it takes ${spoolBytesMax} bytes beside its reserve. ${advice}`,
    );
  }

  #wait(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#spoolHas(bytes)) this.#room.spoolFull();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.refuse(signal?.reason);
        this.wake();
      };
      const done = () => signal?.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        bytes,
        admit: () => {
          done();
          resolve();
        },
        refuse: (reason) => {
          done();
          reject(reason);
        },
      };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
