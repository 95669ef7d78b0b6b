import { StorageError } from '@ceres/storage';
import { decodeFolder } from '@ceres/storage/adapter';
import { AzureStorage } from './azure-storage';
import type { AzureOptions } from './options';

/**
 * Opens the storage that `azblob://account/container/prefix?endpoint=…` names. The credential is in the environment: a SAS in
 * `AZURE_STORAGE_SAS_TOKEN`, or else a connection string in `AZURE_STORAGE_CONNECTION_STRING`.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function fromUrl(url: URL): AzureStorage {
  return new AzureStorage(optionsFromUrl(url));
}

/** @throws StorageError `INVALID_OPTIONS` */
export function optionsFromUrl({ protocol, host, pathname, searchParams, hash, username }: URL): AzureOptions {
  const [, container = '', path = ''] = /^\/([^/]+)(?:\/(.*))?$/.exec(pathname) ?? [];
  if (protocol !== 'azblob:' || host === '' || container === '' || hash !== '' || username !== '') {
    throw invalid(`Expected a URL like azblob://account/container/prefix, got "${protocol}//${host}…".`);
  }
  for (const name of searchParams.keys()) {
    if (name !== 'endpoint' || searchParams.getAll(name).length > 1) {
      throw invalid(`Expected nothing but one endpoint=… after "?", got "${name}".`);
    }
  }
  const endpoint = searchParams.get('endpoint');
  const place = { account: host, container, prefix: decodeFolder(path), ...(endpoint !== null && { endpoint }) };
  const { AZURE_STORAGE_SAS_TOKEN: sas, AZURE_STORAGE_CONNECTION_STRING: connectionString } = process.env;
  if (sas) return { ...place, sas };
  if (connectionString) return { ...place, connectionString };
  throw invalid(
    'There is no credential for Azure. Set AZURE_STORAGE_SAS_TOKEN to a shared access signature, or AZURE_STORAGE_CONNECTION_STRING.',
  );
}

function invalid(message: string): StorageError {
  return new StorageError('INVALID_OPTIONS', message);
}
