import { StorageError } from '@ceres/storage';
import { decodeFolder } from '@ceres/storage/adapter';
import { GcsStorage } from './gcs-storage';
import type { GcsOptions } from './options';

/**
 * Opens the storage that `gs://bucket/prefix` names, with application default credentials.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function fromUrl(url: URL): GcsStorage {
  return new GcsStorage(optionsFromUrl(url));
}

/** @throws StorageError `INVALID_OPTIONS` */
export function optionsFromUrl({ protocol, host, pathname, search, hash, username }: URL): GcsOptions {
  if (protocol !== 'gs:' || host === '' || search !== '' || hash !== '' || username !== '') {
    throw new StorageError('INVALID_OPTIONS', `Expected a URL like gs://bucket/prefix, got "${protocol}//${host}…".`);
  }
  return { bucket: host, prefix: decodeFolder(pathname.slice(1)) };
}
