import { listen } from '@ceres/internal';
import { SinkError } from '../errors';

/** The two limits that a write must fit into, and how much of them is in use. */
export interface Room {
  readonly bufferedBytesMax: number;
  /** The size of the spool, without the reserve. */
  readonly spoolBytesMax: number;
  readonly onSpoolFull: 'wait' | 'reject';
  /** Returns what the spool holds now. */
  spooledBytes(): number;
  /** Is called when a write finds the spool full, and not again before another write got in. */
  spoolFull(): void;
}

const storageAdvice = 'Check that the storage can be reached: see stats().lastError.';

interface Waiting {
  readonly bytes: number;
  /** Sends the waiting write. */
  admit(): void;
  refuse(reason: unknown): void;
}

/**
 * Lets writes in while there is room, in the order of their calls. A write that must wait keeps those behind it
 * waiting, even small ones: otherwise large writes would never get in, and lines would change places. For the same
 * reason a write is sent the moment it is let in: between a promise and its callback, a later write could overtake it.
 */
export class Admission {
  readonly #room: Room;
  readonly #waiting: Waiting[] = [];
  #bufferedBytes = 0;
  /** True while everything that was let in is being sealed, to make room. */
  #isDraining = false;
  #closed: SinkError | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Takes room for these bytes, which `leave` gives back, and calls `send`: either at once, and returns its result, or later, and returns
   * a promise of it. If `send` throws, the room is given back.
   *
   * @throws SinkError `SPOOL_FULL`, `CLOSED`; the signal's reason; what `send` throws
   */
  enter<T extends object>(bytes: number, signal: AbortSignal | undefined, send: () => T): T | Promise<T> {
    signal?.throwIfAborted();
    this.assertOpen();
    this.#refuseIfNeverFits(bytes);
    if (this.#waiting.length === 0 && this.#fits(bytes)) return this.#send(bytes, send);
    return this.#wait(bytes, signal, send);
  }

  /** @throws SinkError what it was closed with */
  assertOpen(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }

  /** Gives room back: these bytes are on the disk, or failed. */
  leave(bytes: number): void {
    this.#bufferedBytes -= bytes;
    this.wake();
  }

  /** Lets waiting writes in. Call it when there may be more room. */
  wake(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#fits(next.bytes)) {
        this.#waiting.shift();
        next.admit();
      } else if (!this.#isSpoolFull(next.bytes)) {
        return; // the bytes on their way to the disk leave soon
      } else if (this.#room.onSpoolFull === 'wait') {
        this.#drain();
        return;
      } else {
        this.#waiting.shift();
        next.refuse(this.#spoolFull(storageAdvice));
        this.#drain();
      }
    }
  }

  /** Refuses all waiting writes, and all that come later. */
  close(error: SinkError): void {
    this.#closed ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(error);
  }

  /** A write larger than the whole buffer is let through alone. */
  #fits(bytes: number): boolean {
    return this.#bufferHas(bytes) && this.#spoolHas(bytes);
  }

  #send<T>(bytes: number, send: () => T): T {
    this.#bufferedBytes += bytes;
    this.#isDraining = false;
    try {
      return send();
    } catch (error) {
      this.#bufferedBytes -= bytes; // without wake(): no write waits, or wake() is the caller
      throw error;
    }
  }

  #bufferHas(bytes: number): boolean {
    return this.#bufferedBytes === 0 || this.#bufferedBytes + bytes <= this.#room.bufferedBytesMax;
  }

  #spoolHas(bytes: number): boolean {
    return this.#room.spooledBytes() + this.#bufferedBytes + bytes <= this.#room.spoolBytesMax;
  }

  /**
   * What was just written is counted twice until it leaves, so `#spoolHas` may be false too early. That costs a waiting
   * write no more than the wait for the next `leave`; it must not be refused because of it.
   */
  #isSpoolFull(bytes: number): boolean {
    return this.#room.spooledBytes() + bytes > this.#room.spoolBytesMax;
  }

  /** Asks for room once until the next write gets in: before that there is nothing more to seal. */
  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#room.spoolFull();
  }

  #refuseIfNeverFits(bytes: number): void {
    if (bytes > this.#room.spoolBytesMax)
      throw this.#spoolFull(`This write of ${bytes} bytes is larger than that. Split it, or raise spoolBytesMax.`);
    if (this.#room.onSpoolFull === 'wait' || this.#spoolHas(bytes)) return;
    this.#drain();
    throw this.#spoolFull(storageAdvice);
  }

  #spoolFull(advice: string): SinkError {
    const { spoolBytesMax } = this.#room;
    return new SinkError(
      'SPOOL_FULL',
      `The spool is full: it holds ${spoolBytesMax} bytes besides its reserve. ${advice}`,
    );
  }

  #wait<T>(bytes: number, signal: AbortSignal | undefined, send: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.refuse(signal?.reason);
        this.wake();
      };
      const unlisten = signal && listen(signal, onAbort);
      const done = () => unlisten?.();
      const waiting: Waiting = {
        bytes,
        admit: () => {
          done();
          try {
            resolve(this.#send(bytes, send));
          } catch (error) {
            reject(error);
          }
        },
        refuse: (reason) => {
          done();
          reject(reason);
        },
      };
      this.#waiting.push(waiting);
      this.wake(); // it may be the first, and the spool full
    });
  }
}
