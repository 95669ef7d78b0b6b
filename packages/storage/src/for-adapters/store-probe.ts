import type { CallOptions } from '../contract';
import { StorageError } from '../errors';
import { checkKey } from '../keys/check-key';

/** The first part of the key of every canary. No encoded name contains a `~`, so it is never an instance. */
export const doctorFolder = '~doctor';

/** What is wrong with a store, or with the way to it, where the code of an error alone does not say it. */
export type StoreFault =
  | 'missing-bucket'
  | 'wrong-region'
  | 'no-conditional-writes' // the store refuses every put that must not overwrite
  | 'clock-skew'; // the store refuses requests, since their times are not its own

/**
 * What `ceres doctor` tries beyond the contract of a storage, as a thief of its credential would. A package offers it as its entry
 * `/doctor`, by a function `probeFromUrl(url: URL)`, so that a service which only stores never loads it.
 *
 * Both calls make one attempt, and refuse every key that is not of a canary.
 */
export interface StoreProbe {
  /**
   * Stores a canary without any condition, so that it replaces one that is there.
   *
   * @returns `keepsVersions`: whether the store says that it keeps what was there before
   * @throws StorageError as `ObjectWriter.put`; `DENIED` is what is hoped for
   */
  overwrite(canary: string, bytes: Uint8Array, options?: CallOptions): Promise<{ readonly keepsVersions: boolean }>;
  /**
   * Deletes a canary.
   *
   * @throws StorageError `DENIED`, which is hoped for; `NOT_FOUND`, if it is not there and could have been deleted; `UNAVAILABLE`
   */
  delete(canary: string, options?: CallOptions): Promise<void>;
  /** Returns an address of the store that answers over HTTP, in order to read its clock. */
  address(): Promise<string>;
  /** Says what an error of this store's adapter means, where its code is too coarse. */
  faultOf(error: unknown): StoreFault | undefined;
}

/**
 * Refuses every key that is not right below `~doctor/`: a probe calls it before any I/O, since it overwrites and deletes.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function checkCanary(key: string): void {
  checkKey(key);
  const [folder, name, ...more] = key.split('/');
  if (folder === doctorFolder && name !== undefined && more.length === 0) return;
  throw new StorageError('INVALID_KEY', `"${key}" is no canary: only what is right below ${doctorFolder}/ is.`, {
    key,
  });
}
