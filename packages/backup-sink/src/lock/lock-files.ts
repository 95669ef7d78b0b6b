import { join } from 'node:path';
import {
  errnoOf,
  greatest,
  ifExists,
  lacksHardLinks,
  livenessOf,
  type ProcessIdentity,
  writeAll,
} from '@ceres/internal';
import type { FileHandle, FileSystem } from '@ceres/storage';
import { readFile } from '../spool/disk/read-file';
import { isDiskFull, Reserve, renameIfThere } from '../spool/disk/reserve';
import { deviceOf } from '../spool/disk/volume';

/** The owner of a spool: one thread of a process, once. */
export interface Owner extends ProcessIdentity {
  /** A random word for this ownership. */
  readonly token: string;
  readonly sinceMs: number;
  /** Present if it displaced an owner whose lease might still run. It waits for the end of that lease before it first renews its own. */
  readonly displacing?: true;
}

/** The folder of the lock leads to another volume now: the one it was on is unmounted. */
export class VolumeChanged extends Error {}

/**
 * The files of a spool's lock:
 *
 * - `lock-<generation>`: the highest one counts; it names the owner, or no owner once the lock is released.
 * - `beat-<token>`: a counter that the owner increases with each renewal of its lease.
 * - `claim-<token>`: a claim that is about to be linked to the next generation.
 *
 * On a full disk they are made from what was reserved.
 */
export class LockFiles {
  readonly #fs: FileSystem;
  readonly #reserve: Reserve;
  readonly folder: string;
  #device: number | undefined;

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.#reserve = new Reserve(fs, folder);
    this.folder = folder;
  }

  /** The device that the first file written here lies on; `undefined` before, and if the file system does not say. */
  get device(): number | undefined {
    return this.#device;
  }

  /** Returns the highest generation; 0 if the spool never had an owner. */
  async newestGeneration(): Promise<number> {
    return greatest((await this.#fs.readdir(this.folder)).map(generationOf), 0);
  }

  /** Reads who owns a generation; `nobody` if it was released, or if there is none. */
  async readOwner(generation: number): Promise<Owner | 'nobody' | 'unclear'> {
    const text = await ifExists(this.#readText(lockName(generation)));
    return text === undefined ? 'nobody' : parseOwner(text);
  }

  async writeClaim(token: string, content: object): Promise<string> {
    const name = `claim-${token}`;
    await this.#write(name, JSON.stringify(content));
    return join(this.folder, name);
  }

  /** Makes the owner's counter of renewals the claim that ends its ownership, which takes no room. */
  async writeRelease(token: string, content: object): Promise<void> {
    await renameIfThere(this.#fs, join(this.folder, `beat-${token}`), join(this.folder, `claim-${token}`));
    await this.writeClaim(token, content);
  }

  /**
   * Makes the claim that generation. Resolves with `false` if a rival's claim is it already.
   *
   * Where there are no hard links, the generation is created exclusively and then written: a rival that reads it in between finds it
   * `unclear`, and has to wait for as long as its owner may be sure of it.
   */
  async linkClaim(token: string, generation: number): Promise<boolean> {
    try {
      const link = () => this.#linkOrCreate(`claim-${token}`, lockName(generation));
      await this.#reserve.making(link).catch(async (error: unknown) => {
        if (!isDiskFull(error) || !(await this.#removeFormat())) throw error;
        await link();
      });
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  async #linkOrCreate(claim: string, name: string): Promise<void> {
    try {
      await this.#fs.link(join(this.folder, claim), join(this.folder, name));
    } catch (error) {
      if (!lacksHardLinks(error)) throw error;
      const text = await this.#readText(claim);
      await this.#overwrite(await this.#fs.open(join(this.folder, name), 'wx'), text);
    }
  }

  /** Removes a claim. One that never became a generation is the only name of its file, which goes back into the reserve if that lacks one. */
  async removeClaim(token: string, { wasLinked }: { readonly wasLinked: boolean }): Promise<void> {
    if (wasLinked) await this.#remove(`claim-${token}`);
    else await this.#reserve.giveBack(join(this.folder, `claim-${token}`));
  }

  async renew(token: string, count: number): Promise<void> {
    await this.#write(`beat-${token}`, String(count));
  }

  /** Reads an owner's counter of renewals. */
  async readRenewals(token: string): Promise<string | undefined> {
    return await ifExists(this.#readText(`beat-${token}`));
  }

  /** Removes older generations and what `token`'s owner left, but nothing of rivals: a claim may be about to become the next generation. */
  async removeOlder(generation: number, token: string | undefined): Promise<void> {
    for (const name of await this.#fs.readdir(this.folder)) {
      const found = generationOf(name);
      const isOwners = token !== undefined && (name === `beat-${token}` || name === `claim-${token}`);
      if ((found > 0 && found < generation) || isOwners) await this.#remove(name);
    }
  }

  /** Writes a file in place: where it exists, that takes no room. On a full disk it is made from the reserve. */
  async #write(name: string, text: string): Promise<void> {
    const path = join(this.folder, name);
    try {
      await this.#writeInPlace(path, text);
    } catch (error) {
      if (!isDiskFull(error) || !(await this.#takeRoomFor(path))) throw error;
      await this.#writeInPlace(path, text);
    }
  }

  async #writeInPlace(path: string, text: string): Promise<void> {
    const handle = (await ifExists(this.#fs.open(path, 'r+'))) ?? (await this.#fs.open(path, 'w'));
    await this.#overwrite(handle, text);
  }

  /** @throws VolumeChanged if the file lies on another device than the first one written here */
  async #overwrite(handle: FileHandle, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      const device = await deviceOf(handle);
      this.#device ??= device;
      if (device !== this.#device) throw new VolumeChanged(`${this.folder} lies on another volume than at open.`);
      await writeAll(handle, bytes);
      await handle.truncate(bytes.byteLength);
    } finally {
      await handle.close();
    }
  }

  /** Puts a file with a block of its own at `path`: one that is reserved or, in a spool without a reserve, one that a dead process left. */
  async #takeRoomFor(path: string): Promise<boolean> {
    if (await this.#reserve.takeAs(path)) return true;
    for (const name of await this.#leftByTheDead()) {
      if (await renameIfThere(this.#fs, join(this.folder, name), path)) return true;
    }
    return false;
  }

  /** Returns files that certainly nothing uses any more: the newest owner's counter, and claims, of processes that do not run. */
  async #leftByTheDead(): Promise<string[]> {
    const isDead = (owner: Owner | 'nobody' | 'unclear'): owner is Owner =>
      typeof owner !== 'string' && owner.pid !== process.pid && livenessOf(owner) === 'dead';
    const left: string[] = [];
    const newest = await this.newestGeneration();
    const owner = await this.readOwner(newest);
    if (isDead(owner)) left.push(`beat-${owner.token}`);
    for (const name of await this.#fs.readdir(this.folder)) {
      // The newest owner's claim may be its lock, too: one file with two names, if it was killed before it removed the claim.
      const isNewest = typeof owner !== 'string' && name === `claim-${owner.token}`;
      if (isNewest || !name.startsWith('claim-')) continue;
      if (isDead(parseOwner((await ifExists(this.#readText(name))) ?? ''))) left.push(name);
    }
    return left;
  }

  /**
   * Frees an inode where nothing is reserved. The format was read before, and no format means this one; the owner of the lock writes it
   * again, with the inode of the claim. Resolves with `false` if there is none.
   */
  async #removeFormat(): Promise<boolean> {
    const formats = (await this.#fs.readdir(this.folder)).filter((name) => /^format-\d+$/.test(name));
    for (const name of formats) await this.#remove(name);
    return formats.length > 0;
  }

  async #readText(name: string): Promise<string> {
    const blocks: Uint8Array[] = [];
    for await (const block of readFile(this.#fs, join(this.folder, name))) blocks.push(block);
    return Buffer.concat(blocks).toString('utf8');
  }

  async #remove(name: string): Promise<void> {
    await ifExists(this.#fs.unlink(join(this.folder, name)));
  }
}

function lockName(generation: number): string {
  return `lock-${String(generation).padStart(9, '0')}`;
}

function generationOf(name: string): number {
  return Number(/^lock-(\d{9})$/.exec(name)?.[1] ?? 0);
}

/** Reads an owner; `nobody` for a lock that was released, `unclear` for a file that is being written, or that a crash of the host left empty. */
function parseOwner(text: string): Owner | 'nobody' | 'unclear' {
  try {
    const owner: Partial<Owner> | null = JSON.parse(text);
    const isOwner = typeof owner?.token === 'string' && typeof owner.host === 'string' && typeof owner.pid === 'number';
    return isOwner ? (owner as Owner) : 'nobody';
  } catch {
    return 'unclear';
  }
}
