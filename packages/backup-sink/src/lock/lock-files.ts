import { join } from 'node:path';
import { errnoOf, ifExists, type ProcessIdentity, writeAll } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { readFile } from '../spool/disk/read-file';

/** The owner of a spool: one process, once. */
export interface Owner extends ProcessIdentity {
  /** A random word for this ownership. */
  readonly token: string;
  readonly sinceMs: number;
}

/**
 * The files of a spool's lock:
 *
 * - `lock-<generation>`: the highest one counts; it names the owner, or no owner once the lock is released.
 * - `beat-<token>`: a counter that the owner increases with each renewal of its lease.
 * - `claim-<token>`: a claim that is about to be linked to the next generation.
 */
export class LockFiles {
  readonly #fs: FileSystem;
  readonly folder: string;

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.folder = folder;
  }

  /** Returns the highest generation; 0 if the spool never had an owner. */
  async newestGeneration(): Promise<number> {
    return Math.max(0, ...(await this.#fs.readdir(this.folder)).map(generationOf));
  }

  /** Reads who owns a generation; `undefined` if it has no owner. */
  async readOwner(generation: number): Promise<Owner | undefined> {
    const text = await ifExists(this.#readText(lockName(generation)));
    return text === undefined ? undefined : parseOwner(text);
  }

  async writeClaim(token: string, content: object): Promise<string> {
    const name = `claim-${token}`;
    await this.#write(name, JSON.stringify(content));
    return join(this.folder, name);
  }

  /** Makes the claim that generation. Resolves with `false` if a rival's claim is it already. */
  async linkClaim(token: string, generation: number): Promise<boolean> {
    try {
      await this.#fs.link(join(this.folder, `claim-${token}`), join(this.folder, lockName(generation)));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  async removeClaim(token: string): Promise<void> {
    await this.#remove(`claim-${token}`);
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

  async #write(name: string, text: string): Promise<void> {
    const handle = await this.#fs.open(join(this.folder, name), 'w');
    try {
      await writeAll(handle, Buffer.from(text));
    } finally {
      await handle.close();
    }
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

/** Reads an owner; `undefined` for a lock that was released, or a file that a crash of the host left empty. */
function parseOwner(text: string): Owner | undefined {
  try {
    const owner: Partial<Owner> | null = JSON.parse(text);
    const isOwner = typeof owner?.token === 'string' && typeof owner.host === 'string' && typeof owner.pid === 'number';
    return isOwner ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}
