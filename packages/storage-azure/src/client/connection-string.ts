import { StorageError } from '@ceres/storage';

/** What a connection string says. It has a key or a SAS. */
export interface ConnectionString {
  readonly account: string | undefined;
  readonly key: string | undefined;
  readonly sas: string | undefined;
  readonly blobEndpoint: string | undefined;
}

/**
 * Reads a connection string: `AccountName=…;AccountKey=…`, or `BlobEndpoint=…;SharedAccessSignature=…`. No message shows it.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function readConnectionString(text: unknown): ConnectionString {
  const pairs = new Map<string, string>();
  for (const pair of typeof text === 'string' ? text.trim().split(';') : []) {
    const at = pair.indexOf('=');
    if (at > 0) pairs.set(pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim());
  }
  const account = pairs.get('accountname');
  const key = pairs.get('accountkey');
  const sas = pairs.get('sharedaccesssignature');
  if (key === undefined && sas === undefined) {
    const message = 'Expected `connectionString` to have a part "AccountKey=…" or "SharedAccessSignature=…".';
    throw new StorageError('INVALID_OPTIONS', message);
  }
  const protocol = pairs.get('defaultendpointsprotocol') ?? 'https';
  const suffix = pairs.get('endpointsuffix');
  const made = account && suffix ? `${protocol}://${account}.blob.${suffix}` : undefined;
  return { account, key, sas, blobEndpoint: pairs.get('blobendpoint') ?? made };
}
