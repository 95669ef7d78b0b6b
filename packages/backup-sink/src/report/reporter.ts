import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { Partition } from '@ceres/storage';
import { asError, SinkError, unwritable } from '../errors';
import type { Logger } from './logger';

/** What a sink reports while it works. Each event also goes to the diagnostics channel `ceres:sink:<name>` and to the logger. */
export interface SinkEvents {
  /** A file takes no more lines and is on its way to the storage. */
  readonly sealed: {
    readonly partition: Partition;
    readonly path: string;
    readonly lines: number;
    readonly bytes: number;
  };
  readonly stored: { readonly key: string; readonly bytes: number; readonly ageMs: number };
  /** An attempt to put a file failed, and is retried. */
  readonly retry: { readonly path: string; readonly error: Error; readonly attempt: number; readonly delayMs: number };
  /** The storage refuses the file for good: it is kept, and retried hourly. */
  readonly parked: { readonly path: string; readonly error: Error };
  /** The disk failed. `lines` is the number of lines in writes that were rejected because of it; 0 where no write was. */
  readonly failed: { readonly path: string; readonly error: Error; readonly lines: number };
  /** A file's name was taken in the storage, and it was stored under another: is this spool a copy of one in use? */
  readonly renamed: { readonly takenKey: string; readonly path: string };
  /** The spool contains a name that is not the sink's, or what a broken disk left; the sink leaves it alone. */
  readonly unknown: { readonly path: string };
  /** The file system of the spool cannot do what keeps names safe in a crash of the host. Said once for each lack; `message` says what it costs. */
  readonly limited: { readonly path: string; readonly lacks: string; readonly message: string };
  /** The spool has reached `spoolBytesMax`: writes wait, or are rejected. */
  readonly full: { readonly spooledBytes: number };
  /** A heartbeat is in the storage; it names this many files. */
  readonly heartbeat: { readonly key: string; readonly files: number };
  /** The storage did not take a heartbeat of this instance; files are stored all the same. Said once, until one is stored; the next says the same. */
  readonly heartbeatFailed: { readonly instance: string; readonly error: Error };
  /** Another sink owns the spool now; this one acks nothing from now on. */
  readonly lost: { readonly error: Error };
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const levels: Readonly<Record<keyof SinkEvents, Level>> = {
  sealed: 'debug',
  stored: 'info',
  retry: 'warn',
  parked: 'error',
  failed: 'error',
  renamed: 'warn',
  unknown: 'warn',
  limited: 'warn',
  full: 'warn',
  heartbeat: 'debug',
  heartbeatFailed: 'warn',
  lost: 'error',
};

const messages: Readonly<Record<keyof SinkEvents, string>> = {
  sealed: 'file sealed',
  stored: 'file stored',
  retry: 'storing a file failed and is retried',
  parked: 'the storage refuses a file for good: remove the cause',
  failed: 'the spool failed',
  renamed: 'a file was stored under another name, because its own was taken: is this spool a copy?',
  unknown: "a file in the spool is not the sink's and is left alone",
  limited: 'the file system of the spool cannot keep everything in a crash of the host',
  full: 'the spool is full',
  heartbeat: 'heartbeat stored',
  heartbeatFailed: 'the storage did not take a heartbeat: may the credential create objects under ~heartbeat/?',
  lost: 'the spool was taken over by another sink',
};

const channels = Object.fromEntries(
  Object.keys(levels).map((name) => [name, channel(`ceres:sink:${name}`)]),
) as Readonly<Record<keyof SinkEvents, ReturnType<typeof channel>>>;

/** Reports events to listeners, the logger and the diagnostics channels. */
export class Reporter {
  readonly #emitter = new EventEmitter();
  readonly #logger: Logger;
  readonly #spoolDir: string;
  #lastError: Error | undefined;

  /** `logger` must not throw. */
  constructor(logger: Logger, spoolDir: string) {
    this.#logger = logger;
    this.#spoolDir = spoolDir;
  }

  /** The last error that was reported; `undefined` before the first. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  on<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): void {
    this.#emitter.on(name, listener);
  }

  off<K extends keyof SinkEvents>(name: K, listener: (event: SinkEvents[K]) => void): void {
    this.#emitter.off(name, listener);
  }

  /** A listener that throws or rejects stops neither the sink nor the other listeners. */
  emit<K extends keyof SinkEvents>(name: K, event: SinkEvents[K]): void {
    if ('error' in event) this.#lastError = event.error;
    const { error, ...rest } = { error: undefined, ...event };
    this.#logger[levels[name]]({ ...(error !== undefined && { err: error }), ...rest }, messages[name]);
    channels[name].publish({ spoolDir: this.#spoolDir, ...event });
    for (const listener of this.#emitter.listeners(name)) void this.#call(name, () => listener(event));
  }

  async #call(name: string, listener: () => unknown): Promise<void> {
    try {
      await listener();
    } catch (thrown) {
      this.#logger.error({ err: asError(thrown), event: name }, 'a listener of the sink threw');
    }
  }

  /** Reports that the disk failed on a path, or that the sink met another fault there. */
  failed(error: unknown, path: string, lines = 0): void {
    this.emit('failed', { path, error: unwritable(path, error), lines });
  }

  /** Reports that a broken disk did not keep a compressed file, and where it is now. */
  damagedGz(path: string): void {
    const what = `The disk did not keep a compressed file as it was written: ${path} is damaged, and is not stored as a backup.`;
    const then = `To see what can still be read of it, run: gzip -dc < ${path}. Replace the disk.`;
    this.emit('failed', { path, error: new SinkError('SPOOL_UNWRITABLE', `${what} ${then}`), lines: 0 });
  }

  /** Reports that a broken disk did not keep acked lines, and where what is left of them is. */
  damaged(path: string): void {
    const what = `The disk did not keep what was written. What is left of it is in ${path}; what stood before it is backed up. Replace the disk.`;
    this.emit('failed', { path, error: new SinkError('SPOOL_UNWRITABLE', what), lines: 0 });
  }
}
