import { stat } from 'node:fs/promises';
import { ifExists } from '@ceres/internal';
import { LocalStorage } from '@ceres/storage';
import { check } from '../options/checks';
import type { OrderedFile } from '../plan/order';
import { Keeper } from '../read/copy/keeper';
import { isFault } from '../read/finding';
import { type DamagedFile, type FileReading, type Proof, proveFile } from '../read/prove-file';
import { SalvageFolder } from './salvage-folder';

export interface ProofSettings {
  /** The folder for files that are too large for memory. */
  readonly scratchDir: string;
  /** The folder that receives what can be read of damaged files. */
  readonly salvageDamaged: string | undefined;
  /** The folder with salvaged files that are sent in place of damaged ones. */
  readonly includeSalvaged: string | undefined;
}

/** Proves the files of a restore. Of a damaged one it salvages what it can, and takes the salvaged file instead if it is asked to. */
export class RestoreProofs {
  readonly #reading: FileReading;
  readonly #keeper: Keeper;
  readonly #salvage: SalvageFolder | undefined;
  readonly #salvaged: LocalStorage | undefined;

  private constructor(reading: FileReading, settings: ProofSettings, salvage: SalvageFolder | undefined) {
    this.#reading = reading;
    this.#keeper = new Keeper(settings.scratchDir);
    this.#salvage = salvage;
    this.#salvaged = settings.includeSalvaged === undefined ? undefined : new LocalStorage(settings.includeSalvaged);
  }

  /** @throws RestoreError `SALVAGE_UNWRITABLE`; `INVALID_OPTIONS` if there is no folder to include */
  static async open(reading: FileReading, settings: ProofSettings): Promise<RestoreProofs> {
    const { salvageDamaged: folder, includeSalvaged: included } = settings;
    const isFolder = included === undefined || (await ifExists(stat(included)))?.isDirectory() === true;
    check.that(isFolder, 'includeSalvaged', 'a folder with files that --salvage-damaged wrote', included);
    return new RestoreProofs(reading, settings, folder === undefined ? undefined : await SalvageFolder.open(folder));
  }

  /** Lets all threads see the lines that are kept, and returns their memory. A batch is good until its proof is closed. */
  shareLines(): SharedArrayBuffer {
    return this.#keeper.share().memory;
  }

  /** Proves a file that is about to be sent. */
  async prove(file: OrderedFile): Promise<Proof> {
    const proof = await proveFile(file, this.#reading, this.#keeper);
    if (!('damage' in proof) || proof.damage.closed) return proof;
    if (proof.damage.problem !== 'missing') await this.#salvage?.write(file.key, this.#reading);
    return await this.#instead(file, proof);
  }

  /** Returns whether none of a file's lines can be sent. */
  async isDamaged(file: OrderedFile): Promise<boolean> {
    const proof = await this.prove(file);
    if ('damage' in proof) return isFault(proof.damage);
    await proof.close();
    return false;
  }

  /** Returns the salvaged file, if there is one; of a damaged one, why it is not used either. */
  async #instead(file: OrderedFile, original: DamagedFile): Promise<Proof> {
    if (this.#salvaged === undefined) return original;
    const { onBytes: _, seeds: __, ...reading } = this.#reading;
    const proof = await proveFile(file, { ...reading, storage: this.#salvaged }, this.#keeper);
    if (!('damage' in proof)) return proof;
    if (proof.damage.problem === 'missing') return original;
    const reason = `${original.damage.reason}; and what was salvaged of it is damaged, too: ${proof.damage.reason}`;
    return { ...original, damage: { ...original.damage, reason } };
  }
}
