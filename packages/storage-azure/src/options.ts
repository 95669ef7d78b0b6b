import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { optionChecks, timerMsMax } from '@ceres/internal';
import { StorageError } from '@ceres/storage';
import { resolveFolder } from '@ceres/storage/adapter';
import { readConnectionString } from './client/connection-string';

/** A credential that returns tokens, such as `DefaultAzureCredential` of `@azure/identity`. */
export interface AzureTokenCredential {
  getToken(
    scopes: string | string[],
    options?: object,
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** The place of the blobs, and one of `sas`, `connectionString` and `credential`. */
export interface AzureOptions {
  /** The name of the storage account. */
  readonly account: string;
  /** The name of the container. */
  readonly container: string;
  /** A folder that every key is stored in, such as `backups/influxdb`. A `/` is added at its end if it has none. */
  readonly prefix?: string;
  /** A shared access signature, or a function that returns the current one and is called for each request. */
  readonly sas?: string | (() => string | Promise<string>);
  /** The connection string of the account: with its key, or with a shared access signature. */
  readonly connectionString?: string;
  /** A credential of `@azure/identity`. */
  readonly credential?: AzureTokenCredential;
  /** The address of another cloud or of an emulator, with the account in its path. Default: Azure's for the account. */
  readonly endpoint?: string;
  /** The longest time for one `put`, from its first byte to Azure's answer. Default: 120,000, which is 64 MiB at 5 Mbit/s. */
  readonly attemptTimeoutMs?: number;
  /** The longest wait for a page of a listing, or for the next bytes of a download. Default: 30,000. */
  readonly idleTimeoutMs?: number;
}

/** Options as the inside sees them: checked, and with every default. */
export interface ResolvedOptions {
  /** The address of the container, without a query. */
  readonly containerUrl: string;
  /** `azblob://account/container`, for messages. */
  readonly place: string;
  /** `''`, or a folder that ends in `/`. */
  readonly prefix: string;
  /** Returns the query that authorizes a request, without its `?`; `undefined` if `credential` does. */
  readonly sas: (() => string | Promise<string>) | undefined;
  readonly credential: StorageSharedKeyCredential | AzureTokenCredential | undefined;
  readonly attemptTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const names = [
  'account',
  'container',
  'prefix',
  'sas',
  'connectionString',
  'credential',
  'endpoint',
  'attemptTimeoutMs',
  'idleTimeoutMs',
];

/** Azure's rules (https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name). */
const accountPattern = /^[a-z0-9]{3,24}$/;
/** Azure's rules (https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata). */
const containerPattern = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

const timeoutMs = { min: 1, max: timerMsMax, unit: 'milliseconds' };

const check = optionChecks((message) => new StorageError('INVALID_OPTIONS', message));

/** @throws StorageError `INVALID_OPTIONS` */
export function resolveOptions(options: AzureOptions): ResolvedOptions {
  check.names('AzureStorage', options, names);
  const { account, container, prefix = '', endpoint } = options;
  const { attemptTimeoutMs = 120_000, idleTimeoutMs = 30_000 } = options;
  check.that(isName(account, accountPattern), 'account', 'the name of a storage account', account);
  check.that(isName(container, containerPattern), 'container', 'the name of a container', container);
  const isEndpoint = endpoint === undefined || isAddress(endpoint);
  check.that(isEndpoint, 'endpoint', 'an address like https://host:port/account, without credentials', endpoint);
  const { blobEndpoint, ...access } = resolveAccess(options);
  const address = endpoint ?? blobEndpoint ?? `https://${account}.blob.core.windows.net`;
  return Object.freeze({
    containerUrl: `${address.replace(/\/+$/, '')}/${container}`,
    place: `azblob://${account}/${container}`,
    prefix: resolveFolder(prefix),
    ...access,
    attemptTimeoutMs: check.number('attemptTimeoutMs', attemptTimeoutMs, timeoutMs),
    idleTimeoutMs: check.number('idleTimeoutMs', idleTimeoutMs, timeoutMs),
  });
}

type Access = Pick<ResolvedOptions, 'sas' | 'credential'> & { readonly blobEndpoint?: string | undefined };

function resolveAccess({ account, sas, connectionString, credential }: AzureOptions): Access {
  if ([sas, connectionString, credential].filter((given) => given !== undefined).length !== 1) {
    throw new StorageError('INVALID_OPTIONS', 'Give one of `sas`, `connectionString` and `credential`.');
  }
  if (credential !== undefined) {
    check.methods('credential', credential, ['getToken'], 'new DefaultAzureCredential()');
    return { sas: undefined, credential };
  }
  if (typeof sas === 'function') return { sas: async () => withoutQuestionMark(await sas()), credential: undefined };
  if (connectionString === undefined) return ofSas(sas);
  const parts = readConnectionString(connectionString);
  if (parts.account !== undefined && parts.account !== account) {
    const message = `The connection string is of the account "${parts.account}", not of "${account}". Use that of "${account}".`;
    throw new StorageError('INVALID_OPTIONS', message);
  }
  if (parts.sas !== undefined) return { ...ofSas(parts.sas), blobEndpoint: parts.blobEndpoint };
  const key = new StorageSharedKeyCredential(account, parts.key ?? '');
  return { sas: undefined, credential: key, blobEndpoint: parts.blobEndpoint };
}

/** What a SAS holds is a secret, so no message shows it. */
function ofSas(sas: unknown): Access {
  if (typeof sas !== 'string' || !/(^|[?&])sig=[^&]/.test(sas)) {
    const message = 'Expected `sas` to be a shared access signature, which has a part "sig=…".';
    throw new StorageError('INVALID_OPTIONS', message);
  }
  const query = withoutQuestionMark(sas);
  return { sas: () => query, credential: undefined };
}

function withoutQuestionMark(sas: string): string {
  return sas.trim().replace(/^\?/, '');
}

function isName(name: unknown, pattern: RegExp): boolean {
  return typeof name === 'string' && pattern.test(name);
}

function isAddress(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}
