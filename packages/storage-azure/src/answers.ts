import {
  type Answer,
  type AnswerRow,
  explainFailure,
  type FailedCall,
  type FailedRequest,
} from '@ceres/storage/adapter';

/** What Azure was asked for: one status means different things after different calls. */
export type Call = 'put' | 'list' | 'get' | 'delete';

interface Failure extends FailedRequest {
  readonly call: Call;
  /** Azure's own word for it, such as `ServerBusy`; or the SDK's. */
  readonly code: string;
  /** What Azure adds about a credential, such as `Signature not valid in the specified time frame: …`. */
  readonly detail: string;
}

const says =
  (...codes: readonly string[]) =>
  (failure: Failure) =>
    codes.includes(failure.code);
const status =
  (...wanted: readonly number[]) =>
  (failure: Failure) =>
    failure.status !== undefined && wanted.includes(failure.status);

const neededFor: Readonly<Record<Call, string>> = {
  put: 'c (create)',
  list: 'l (list)',
  get: 'r (read)',
  delete: 'd (delete)',
};
const deniedRow = (call: Call): AnswerRow<Failure> => ({
  means: 'DENIED',
  when: (f) => f.status === 403 && f.call === call,
  remedy: `Grant the permission ${neededFor[call]} on the container, in a SAS or by a role`,
});

/** The first row that fits decides. `docs/storage-azure.md` shows this table to operators. */
const rows: readonly AnswerRow<Failure>[] = [
  // There is an object of that name. Azure asks a SAS of `c` alone for the permission to write, since overwriting writes.
  {
    means: 'exists',
    when: (f) => f.call === 'put' && (f.status === 412 || says('BlobAlreadyExists', 'UnauthorizedBlobOverwrite')(f)),
    remedy: '',
  },
  {
    // The bytes under this name cannot be replaced until some date: there is an object.
    means: 'exists',
    when: (f) => f.call === 'put' && f.status === 409 && says('BlobImmutableDueToPolicy')(f),
    remedy: '',
  },
  {
    means: 'DENIED',
    when: (f) => f.call === 'delete' && says('BlobImmutableDueToPolicy')(f),
    remedy: 'A policy of immutability keeps it until some date',
  },
  // The range begins at or after the end.
  { means: 'nothing', when: (f) => f.call === 'get' && f.status === 416, remedy: '' },
  {
    means: 'NOT_FOUND',
    when: says('ContainerNotFound', 'ContainerBeingDeleted', 'ContainerDisabled'),
    remedy: 'Check the names of the account and the container, or create it',
  },
  { means: 'NOT_FOUND', when: status(404), remedy: 'Check the account, the container, the prefix and the key' },
  {
    // The bytes were changed on their way to Azure: put() finds out whether the body itself is right.
    means: 'CHECKSUM_MISMATCH',
    when: (f) => f.status === 400 && (says('Md5Mismatch')(f) || /contentMD5 doesn't match/i.test(f.message)),
    remedy: 'Nothing was stored; try again',
    retryable: true,
  },
  {
    means: 'UNAVAILABLE',
    when: (f) => status(401, 403)(f) && /not valid in the specified time frame|token is expired/i.test(f.detail),
    remedy: 'The credential has expired, or is not valid yet: renew it, and check the clock of this machine',
  },
  {
    means: 'DENIED',
    when: says('AuthenticationFailed', 'InvalidAuthenticationInfo', 'NoAuthenticationInformation'),
    remedy: 'Check the credential, and the clock of this machine',
  },
  { means: 'DENIED', when: status(401), remedy: 'Check the credential and the clock of this machine' },
  {
    means: 'DENIED',
    when: says('PublicAccessNotPermitted'),
    remedy: 'Give a SAS, a connection string or a credential',
  },
  deniedRow('put'),
  deniedRow('list'),
  deniedRow('get'),
  deniedRow('delete'),
  {
    means: 'UNAVAILABLE',
    when: (f) => status(408, 429)(f) || says('ServerBusy', 'OperationTimedOut', 'InternalError')(f),
    remedy: 'Try again later',
  },
  { means: 'UNAVAILABLE', when: (f) => f.status !== undefined && f.status >= 500, remedy: 'Try again later' },
  {
    means: 'INVALID_OPTIONS',
    when: (f) => f.status !== undefined && f.status >= 400,
    remedy: 'Check the account, the container and the options',
  },
  {
    means: 'UNAVAILABLE',
    when: says('AuthenticationRequiredError', 'CredentialUnavailableError'),
    remedy: 'There are no credentials (yet): check `credential`',
  },
  // From here on there is no answer, or none that makes sense.
  { means: 'UNAVAILABLE', when: () => true, remedy: 'Check the network and the endpoint, then try again' },
];

/** Says what a failed request means. */
export function explain(call: Call, failed: FailedCall): Answer {
  const { cause } = failed;
  const said = { code: codeOf(cause), detail: detailOf(cause), message: messageOf(cause) };
  return explainFailure(rows, { call, status: statusOf(cause), ...said }, failed);
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** Returns Azure's code: the SDK has it as `code`, or only beside the parsed body or in a header. */
function codeOf(error: unknown): string {
  const { code, name, details } = (error ?? {}) as {
    readonly code?: unknown;
    readonly name?: unknown;
    readonly details?: { readonly errorCode?: unknown };
  };
  return String(details?.errorCode ?? code ?? name ?? '');
}

/** Returns what Azure says about the credential, in a part of the body of its own. */
function detailOf(error: unknown): string {
  const { details } = (error ?? {}) as { readonly details?: { readonly authenticationErrorDetail?: unknown } };
  return String(details?.authenticationErrorDetail ?? '');
}

/** Returns what Azure said. In the SDK's errors, the request's id and the time follow in lines of their own. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const first = (error.message.split('\n', 1)[0] ?? '').slice(0, 500).replace(/\.$/, '');
  return first === '' ? codeOf(error) : first;
}
