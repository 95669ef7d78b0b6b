import {
  type Answer,
  type AnswerRow,
  explainFailure,
  type FailedCall,
  type FailedRequest,
} from '@ceres/storage/adapter';
import type { Bucket } from './client/bucket';

/** What the store was asked for: one status means different things after different calls. */
export type Call = 'put' | 'list' | 'get' | 'delete';

interface Failure extends FailedRequest {
  readonly call: Call;
  /** The store's own word for it, such as `SlowDown`; or the name of the SDK's error. */
  readonly code: string;
}

const says =
  (...codes: readonly string[]) =>
  (failure: Failure) =>
    codes.includes(failure.code);
const status =
  (...wanted: readonly number[]) =>
  (failure: Failure) =>
    failure.status !== undefined && wanted.includes(failure.status);

const isWithoutCredentials = (f: Failure) =>
  f.status === undefined && /^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(f.code);
const isExpired = says('ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired');

/** The first row that fits decides. `docs/storage-s3.md` shows this table to operators. */
const rows: readonly AnswerRow<Failure>[] = [
  // No credentials, and so no request.
  {
    means: 'DENIED',
    when: (f) => isWithoutCredentials(f) && process.env.AWS_EC2_METADATA_DISABLED === 'true',
    remedy:
      'AWS_EC2_METADATA_DISABLED=true: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or the option `credentials`',
  },
  {
    means: 'UNAVAILABLE',
    when: isWithoutCredentials,
    remedy:
      'There are no credentials (yet): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or attach a role to this machine or pod',
  },
  {
    means: 'INVALID_OPTIONS',
    when: (f) => f.status === undefined && /region is missing/i.test(f.message),
    remedy: 'Set the option `region`, `?region=` in the URL, or AWS_REGION',
  },
  {
    means: 'UNAVAILABLE',
    when: isExpired,
    remedy: 'The credentials have expired: renew them; the next attempt looks for new ones',
  },
  {
    // The SDK takes the store's time from this answer for its next request.
    means: 'UNAVAILABLE',
    when: says('RequestTimeTooSkewed'),
    remedy: 'Set the clock of this machine; the next attempt uses the time of the store',
  },
  // There is an object of that name.
  { means: 'exists', when: (f) => f.call === 'put' && f.status === 412, remedy: '' },
  {
    means: 'UNAVAILABLE',
    when: says('ConditionalRequestConflict', 'OperationAborted'),
    remedy: 'Another request for the same object was under way; try again',
  },
  // The range begins at or after the end.
  { means: 'nothing', when: (f) => f.call === 'get' && f.status === 416, remedy: '' },
  {
    means: 'NOT_FOUND',
    when: says('NoSuchBucket'),
    remedy: 'Check the name of the bucket and the endpoint, or create it',
  },
  { means: 'NOT_FOUND', when: (f) => f.status === 404, remedy: 'Check the bucket, the prefix and the key' },
  {
    // The bytes were changed on their way to the store, or the body itself is wrong.
    means: 'CHECKSUM_MISMATCH',
    when: says('BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'),
    remedy: 'Nothing was stored; try again',
    retryable: true,
  },
  {
    means: 'INVALID_OPTIONS',
    when: (f) =>
      status(301, 307)(f) ||
      says('PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException')(f),
    remedy: 'Check the option `region`, or `?region=` in the URL: the bucket is in another region',
  },
  {
    means: 'INVALID_OPTIONS',
    when: (f) => f.call === 'put' && (f.status === 501 || says('NotImplemented')(f)),
    remedy: 'This store cannot create without overwriting (If-None-Match): update it, or choose another',
  },
  {
    means: 'DENIED',
    when: says('InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken'),
    remedy: 'Check the access key, its secret and the session token',
  },
  { means: 'DENIED', when: status(401), remedy: 'Check the credentials and the clock of this machine' },
  {
    means: 'DENIED',
    when: (f) => f.status === 403 && f.call === 'put',
    remedy: 'Allow the account s3:PutObject on the bucket, and nothing else',
  },
  {
    means: 'DENIED',
    when: (f) => f.status === 403 && f.call === 'list',
    remedy: 'Allow the account s3:ListBucket on the bucket',
  },
  {
    // Without the right to list, the store does not say whether there is such an object.
    means: 'DENIED',
    when: status(403),
    remedy: 'Allow the account s3:GetObject and s3:ListBucket on the bucket',
  },
  {
    means: 'UNAVAILABLE',
    when: (f) => status(408, 429)(f) || says('RequestTimeout', 'IncompleteBody', 'SlowDown', 'Throttling')(f),
    remedy: 'Try again later',
  },
  { means: 'UNAVAILABLE', when: (f) => f.status !== undefined && f.status >= 500, remedy: 'Try again later' },
  {
    means: 'INVALID_OPTIONS',
    when: (f) => f.status !== undefined && f.status >= 400,
    remedy: 'Check the bucket and the options',
  },
  // From here on there is no answer, or none that makes sense.
  { means: 'UNAVAILABLE', when: () => true, remedy: 'Check the network and the endpoint, then try again' },
];

/** Says what a failed request means. Credentials that are missing or have expired are looked for again by the next call. */
export function explain(
  bucket: Bucket,
  call: Call,
  failed: FailedCall,
): Answer & { readonly status: number | undefined } {
  const failure = {
    call,
    code: codeOf(failed.cause),
    status: statusOf(failed.cause),
    message: messageOf(failed.cause),
  };
  if (isWithoutCredentials(failure) || isExpired(failure)) bucket.forgetCredentials();
  return { ...explainFailure(rows, failure, failed), status: failure.status };
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Returns the HTTP status. An answer that the SDK cannot read, such as a proxy's, has it beside its error. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { $metadata, $response } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** Returns what the store said: its code and its message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const { name, message, code, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly Error[] };
  // Where a host has several addresses, what went wrong with each stands inside.
  const text = message || errors?.[0]?.message || code || name;
  const first = (text.split('\n', 1)[0] ?? '').slice(0, 500).replace(/\.$/, '');
  const isOfStore = statusOf(error) !== undefined && !first.includes(name) && name !== 'Error';
  return isOfStore ? `${name}: ${first}` : first;
}
