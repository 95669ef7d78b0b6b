import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { listen, timerMsMax, withDeadline } from '@ceres/internal';
import { TsmError } from '../../errors';
import { type SnapshotAddress, shownAddress } from './address';
import type { ResolvedSnapshot } from './options';

/** influxd listens for several services on one port, and this byte chooses its snapshot service (`MuxHeader` in services/snapshotter). */
const SERVICE_BYTE = 3;

/** One request to a snapshot service, and its answer: the service takes one on each connection. No wait is without a limit. */
export class SnapshotConnection {
  readonly #socket: Socket;
  readonly #where: string;
  readonly #options: ResolvedSnapshot;
  // One timer and one listener for all chunks of an answer: made for each, they take a thirtieth of the time of a read.
  readonly #silence: Silence;
  readonly #unlisten: (() => void) | undefined;
  /** What failed between two waits. */
  #failed: Error | undefined;

  private constructor(socket: Socket, where: string, options: ResolvedSnapshot) {
    this.#socket = socket;
    this.#where = where;
    this.#options = options;
    this.#silence = new Silence((ms) => socket.destroy(this.#silent('it sends nothing', ms)));
    this.#unlisten = options.signal && listen(options.signal, () => socket.destroy());
    // Without a listener, an error between two waits would end the process.
    socket.on('error', (error) => {
      this.#failed = error;
    });
  }

  /** @throws TsmError `UNREACHABLE`; the signal's reason */
  static async open(address: SnapshotAddress, options: ResolvedSnapshot): Promise<SnapshotConnection> {
    options.signal?.throwIfAborted();
    const socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
    const connection = new SnapshotConnection(socket, shownAddress(address), options);
    try {
      const what = 'it accepts no connection';
      await connection.#within(options.connectTimeoutMs, what, (signal) => once(socket, 'connect', { signal }));
      await connection.write(Uint8Array.of(SERVICE_BYTE));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /**
   * Sends bytes, and waits until more can be sent.
   *
   * @throws TsmError `UNREACHABLE`; the signal's reason
   */
  async write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    await this.#within(this.#options.idleTimeoutMs, 'it takes no more bytes', async (signal) => {
      if (!socket.write(bytes)) await once(socket, 'drain', { signal });
    });
  }

  /** Says that nothing more will be sent. */
  end(): void {
    this.#socket.end();
  }

  /**
   * Yields what the server sends until it closes the connection.
   *
   * @throws TsmError `UNREACHABLE`; the signal's reason
   */
  async *answer(): AsyncGenerator<Uint8Array> {
    const { signal, timeoutMs, idleTimeoutMs } = this.#options;
    const socket = this.#socket;
    const silence = this.#silence;
    try {
      signal?.throwIfAborted();
      if (this.#failed !== undefined) throw this.#failed;
      silence.begin(timeoutMs);
      for await (const chunk of socket) {
        silence.end();
        yield chunk;
        silence.begin(idleTimeoutMs);
      }
      signal?.throwIfAborted();
    } catch (cause) {
      throw this.#asUnreachable(cause);
    }
  }

  close(): void {
    this.#silence.stop();
    this.#unlisten?.();
    this.#socket.destroy();
  }

  async #within<T>(ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    try {
      if (this.#failed !== undefined) throw this.#failed;
      return await withDeadline({ ms, error: () => this.#silent(what, ms), signal }, work);
    } catch (cause) {
      throw this.#asUnreachable(cause);
    }
  }

  #silent(what: string, ms: number): TsmError {
    return unreachable(this.#where, `${what} for ${ms / 1_000} s`);
  }

  /** @throws the signal's reason */
  #asUnreachable(cause: unknown): TsmError {
    this.#options.signal?.throwIfAborted();
    return cause instanceof TsmError ? cause : unreachable(this.#where, (cause as Error).message, cause);
  }
}

/** Calls back when nothing has come for some time, with one timer for many waits. */
class Silence {
  readonly #onTooLong: (ms: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #ms = Infinity;
  #isWaiting = false;

  constructor(onTooLong: (ms: number) => void) {
    this.#onTooLong = onTooLong;
  }

  begin(ms: number): void {
    this.#isWaiting = true;
    if (ms === this.#ms) {
      this.#timer?.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#ms = ms;
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.#isWaiting && this.#onTooLong(ms), Math.min(ms, timerMsMax));
  }

  end(): void {
    this.#isWaiting = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWaiting = false;
  }
}

function unreachable(where: string, what: string, cause?: unknown): TsmError {
  const todo =
    'Check that InfluxDB runs, and that its `bind-address` (port 8088) can be reached from here: on its host, through `kubectl port-forward` or through an SSH tunnel.';
  return new TsmError('UNREACHABLE', `The snapshot service at ${where} cannot be used: ${what}. ${todo}`, { cause });
}
