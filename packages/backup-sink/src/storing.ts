import { type Ledger, type LedgerParts, openLedger } from './ledger/ledger';
import type { ResolvedOptions } from './options/sink-options';
import { Draining } from './scheduling/draining';
import { Slots } from './scheduling/slots';
import { discardFile } from './spool/files/move-file';
import type { SpoolFile } from './spool/files/spool-file';
import type { OpenSpool } from './spool/open-spool';
import { recoverLate } from './spool/recovery/recover-late';
import type { SegmentDisk } from './spool/segment/segment-file';
import type { SpoolWork } from './spool/spool-work';
import { Compressor } from './stages/compress';
import { Uploader } from './stages/upload';

/** What storing needs of the half that writes. */
export interface StoringParts extends SpoolWork, Pick<LedgerParts, 'writer' | 'oldestInMemoryMs'> {
  readonly disk: SegmentDisk;
  /** Says if no write came for a moment, so that the processors are free. */
  readonly isQuiet: () => boolean;
}

/** The second half of the write path, composed: it brings sealed files into the storage and out of the spool. */
export class Storing {
  readonly #work: SpoolWork;
  readonly #compressor: Compressor;
  readonly #uploader: Uploader;
  readonly #ledger: Ledger | undefined;
  readonly #draining: Draining;

  constructor(options: ResolvedOptions, { own, names }: OpenSpool, parts: StoringParts) {
    const { gzipLevel, storage, uploadConcurrency } = options;
    const { spoolDir, device } = parts.disk;
    this.#work = parts;
    const uploads = new Slots(uploadConcurrency);
    this.#compressor = new Compressor({ ...parts, spoolDir, device, gzipLevel, isUploadFree: () => uploads.hasFree });
    this.#uploader = new Uploader({ ...parts, storage, uploads });
    this.#ledger = openLedger(options, { ...parts, own, names });
    const recovery = { ...parts, recoveries: new Slots(1) };
    const discarding = { ...parts, own, names };
    this.#draining = new Draining(async (file) => {
      if (file.state === 'found' && !(await recoverLate(file, recovery))) return parts.backlog.forget(file);
      if (await this.#store(file)) await discardFile(file, discarding);
    }, parts);
  }

  /** There is a file of this instance: the ledger will speak of it. */
  know(instance: string): void {
    this.#ledger?.know(instance);
  }

  /** Stores a sealed file, or one of an earlier run. */
  start(file: SpoolFile): void {
    this.#draining.start(file);
  }

  /** Starts again with parked files: with those whose time has come, or with all. */
  retryParked(which: 'due' | 'all'): void {
    this.#draining.retryParked(which);
  }

  /** Starts the heartbeats that are due. */
  tick(): void {
    this.#ledger?.tick();
  }

  /** Resolves when nothing that was started is on its way any more. */
  async settled(): Promise<void> {
    await this.#draining.idle();
  }

  /** Says for the last time what is stored, within `ms`. */
  async sayLast(ms: number): Promise<void> {
    await this.#ledger?.close(ms);
  }

  /** Resolves when the disk is left alone. */
  async idle(): Promise<void> {
    await Promise.all([this.#draining.idle(), this.#compressor.idle(), this.#ledger?.idle()]);
  }

  /** Resolves with `true` if the file is to be removed from the spool: it is stored, or holds nothing but damage. */
  async #store(file: SpoolFile): Promise<boolean> {
    const { backlog, reporter, clock } = this.#work;
    const compressed = await this.#compressor.compress(file);
    if (compressed === undefined) return true; // the damage was reported, and is kept in a file of its own
    const { sizeBytes } = compressed.body;
    const outcome = await this.#uploader.upload(file, compressed.body).finally(() => compressed.release());
    if ('refused' in outcome) {
      backlog.park(file, outcome.refused, clock.now());
      reporter.emit('parked', { path: file.path, error: outcome.refused });
      return false;
    }
    backlog.store(file);
    const { key, isCreated } = outcome.stored;
    reporter.emit('stored', { key, bytes: sizeBytes, ageMs: clock.now() - file.sinceMs });
    await this.#ledger?.record(file, { key, isCreated, body: compressed.body });
    return true;
  }
}
