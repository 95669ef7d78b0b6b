import { StorageError } from '@ceres/storage';
import { GcsStorage } from './gcs-storage';

/**
 * The storage that `gs://bucket/prefix` names, with application default credentials.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function fromUrl(url: URL): GcsStorage {
  const { protocol, host, pathname, search, hash, username } = url;
  if (protocol !== 'gs:' || host === '' || search !== '' || hash !== '' || username !== '') {
    throw new StorageError('INVALID_OPTIONS', `"${url.protocol}//${host}…" is not of the form gs://bucket/prefix.`);
  }
  return new GcsStorage({ bucket: host, prefix: decodePath(pathname.slice(1)) });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new StorageError('INVALID_OPTIONS', `The prefix "${path}" has a "%" that encodes nothing: write %25.`, {
      cause,
    });
  }
}
