import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { withDeadline } from '@ceres/internal';
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
  /** What failed between two waits. */
  #failed: Error | undefined;

  private constructor(socket: Socket, where: string, options: ResolvedSnapshot) {
    this.#socket = socket;
    this.#where = where;
    this.#options = options;
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
    const chunks: AsyncIterator<Uint8Array> = this.#socket[Symbol.asyncIterator]();
    for (let waitMs = this.#options.timeoutMs; ; waitMs = this.#options.idleTimeoutMs) {
      const { done, value } = await this.#within(waitMs, 'it sends nothing', () => chunks.next());
      if (done) return;
      yield value;
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #within<T>(ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    try {
      if (this.#failed !== undefined) throw this.#failed;
      const error = () => unreachable(this.#where, `${what} for ${ms / 1_000} s`);
      return await withDeadline({ ms, error, signal }, work);
    } catch (cause) {
      signal?.throwIfAborted();
      throw cause instanceof TsmError ? cause : unreachable(this.#where, (cause as Error).message, cause);
    }
  }
}

function unreachable(where: string, what: string, cause?: unknown): TsmError {
  const todo =
    'Check that InfluxDB runs, and that its `bind-address` (port 8088) can be reached from here: on its host, through `kubectl port-forward` or through an SSH tunnel.';
  return new TsmError('UNREACHABLE', `The snapshot service at ${where} cannot be used: ${what}. ${todo}`, { cause });
}
