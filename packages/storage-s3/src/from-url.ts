import { StorageError } from '@ceres/storage';
import { decodeFolder } from '@ceres/storage/adapter';
import type { S3Options } from './options';
import { S3Storage } from './s3-storage';

const parameters = ['endpoint', 'region', 'force-path-style'];

/**
 * Opens the storage that `s3://bucket/prefix?endpoint=…&region=…&force-path-style=…` names, with the credentials of the SDK's chain.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function fromUrl(url: URL): S3Storage {
  return new S3Storage(optionsFromUrl(url));
}

/** @throws StorageError `INVALID_OPTIONS` */
export function optionsFromUrl({ protocol, host, pathname, searchParams, hash, username }: URL): S3Options {
  if (protocol !== 's3:' || host === '' || hash !== '' || username !== '') {
    throw invalid(`Expected a URL like s3://bucket/prefix, got "${protocol}//${host}…".`);
  }
  for (const name of searchParams.keys()) {
    const isKnown = parameters.includes(name) && searchParams.getAll(name).length === 1;
    if (!isKnown) throw invalid(`Expected each of ${parameters.join(', ')} at most once after "?", got "${name}".`);
  }
  const endpoint = searchParams.get('endpoint');
  const region = searchParams.get('region');
  const pathStyle = searchParams.get('force-path-style');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false') {
    throw invalid(`Expected force-path-style to be true or false, got "${pathStyle}".`);
  }
  return {
    bucket: host,
    prefix: decodeFolder(pathname.slice(1)),
    ...(endpoint !== null && { endpoint }),
    ...(region !== null && { region }),
    ...(pathStyle !== null && { forcePathStyle: pathStyle === 'true' }),
  };
}

function invalid(message: string): StorageError {
  return new StorageError('INVALID_OPTIONS', message);
}
