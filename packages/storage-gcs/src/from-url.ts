import { StorageError } from '@ceres/storage';
import { decodeFolder } from '@ceres/storage/adapter';
import { GcsStorage } from './gcs-storage';

/**
 * Opens the storage that `gs://bucket/prefix` names, with application default credentials.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function fromUrl(url: URL): GcsStorage {
  const { protocol, host, pathname, search, hash, username } = url;
  if (protocol !== 'gs:' || host === '' || search !== '' || hash !== '' || username !== '') {
    throw new StorageError('INVALID_OPTIONS', `Expected a URL like gs://bucket/prefix, got "${protocol}//${host}…".`);
  }
  return new GcsStorage({ bucket: host, prefix: decodeFolder(pathname.slice(1)) });
}
