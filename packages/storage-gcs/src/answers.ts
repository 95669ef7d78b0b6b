import { type Answer, type AnswerRow, explainFailure, type FailedRequest } from '@ceres/storage/adapter';
import { detection } from './client/metadata-server';

/** What Google was asked for: one status means different things after different calls. `authorize` asks for a token. */
export type Call = 'put' | 'list' | 'get' | 'delete' | 'authorize';

/** Google has not answered, and `status` is `undefined`, because of the network, a timeout, or missing credentials. */
interface Failure extends FailedRequest {
  readonly call: Call;
}

const status =
  (...wanted: readonly number[]) =>
  (failure: Failure) =>
    failure.status !== undefined && wanted.includes(failure.status);
const says = (failure: Failure, pattern: RegExp) => pattern.test(failure.message);

const isWithoutCredentials = (failure: Failure) =>
  failure.call === 'authorize' && says(failure, /Could not load the default credentials/);
const isFileFault = (failure: Failure) =>
  says(failure, /invalid_grant|private.key|client_email|ENOENT|EACCES|does not exist, or it is not a file|JSON/i);

/** The first row that fits decides. `docs/storage-gcs.md` shows this table to operators. */
const rows: readonly AnswerRow<Failure>[] = [
  // No token. The server that gives tokens answers 400, 401 or 403 if it never will; anything else passes, such as the 404 of a metadata
  // server that does not know the account yet.
  {
    means: 'DENIED',
    when: (f) => f.call === 'authorize' && [400, 401, 403].includes(f.status ?? 0),
    remedy: 'Check the credentials, the rights of the account and the clock of this machine',
  },
  {
    means: 'DENIED',
    when: (f) => f.call === 'authorize' && isFileFault(f),
    remedy: 'Set GOOGLE_APPLICATION_CREDENTIALS or keyFilename to a readable service account key',
  },
  {
    means: 'DENIED',
    when: (f) => isWithoutCredentials(f) && detection() === 'none',
    remedy:
      'METADATA_SERVER_DETECTION=none: set GOOGLE_APPLICATION_CREDENTIALS or keyFilename to a readable service account key',
  },
  {
    means: 'UNAVAILABLE',
    when: isWithoutCredentials,
    remedy: `There is no key file, and no metadata server answers (yet). If this is no machine of Google's, set GOOGLE_APPLICATION_CREDENTIALS or keyFilename to a service account key`,
  },
  {
    means: 'UNAVAILABLE',
    when: (f) => f.call === 'authorize' && f.status === 404,
    remedy: 'The metadata server knows no service account for this machine or pod (yet): attach one',
  },
  {
    means: 'UNAVAILABLE',
    when: (f) => f.call === 'authorize',
    remedy: 'There are no credentials (yet): check the metadata server and the network',
  },
  // There is an object of that name. Google asks for the permission to delete, since overwriting deletes.
  { means: 'exists', when: (f) => f.call === 'put' && f.status === 412, remedy: '' },
  {
    means: 'exists',
    when: (f) => f.call === 'put' && f.status === 403 && says(f, /storage\.objects\.delete/),
    remedy: '',
  },
  // The range begins at or after the end.
  { means: 'nothing', when: (f) => f.call === 'get' && f.status === 416, remedy: '' },
  {
    means: 'NOT_FOUND',
    when: (f) => (f.call === 'get' || f.call === 'delete') && f.status === 404,
    remedy: 'Check the bucket, the prefix and the key',
  },
  { means: 'NOT_FOUND', when: status(404), remedy: 'Check the name of the bucket, or create it' },
  {
    // The bytes were changed on their way to Google: put() has found before that the body itself is right.
    means: 'CHECKSUM_MISMATCH',
    when: (f) => f.status === 400 && says(f, /doesn't match calculated/),
    remedy: 'Nothing was stored; try again',
    retryable: true,
  },
  { means: 'DENIED', when: status(401), remedy: 'Check the credentials and the clock of this machine' },
  {
    means: 'DENIED',
    when: (f) => f.status === 403 && f.call === 'put',
    remedy: 'Grant the account roles/storage.objectCreator on the bucket',
  },
  { means: 'DENIED', when: status(403), remedy: 'Grant the account roles/storage.objectViewer on the bucket' },
  { means: 'UNAVAILABLE', when: status(408, 429), remedy: 'Try again later' },
  { means: 'UNAVAILABLE', when: (f) => f.status !== undefined && f.status >= 500, remedy: 'Try again later' },
  { means: 'INVALID_OPTIONS', when: (f) => f.status !== undefined, remedy: 'Check the bucket and the options' },
  // From here on Google has not answered.
  { means: 'UNAVAILABLE', when: () => true, remedy: 'Check the network, then try again' },
];

/**
 * Says what a failed request means.
 *
 * @param what the middle of a sentence, such as `store "a.gz" in gs://bucket`
 */
export function explain(call: Call, what: string, key: string, cause: unknown): Answer {
  return explainFailure(rows, { call, status: statusOf(cause), message: messageOf(cause) }, { what, key, cause });
}

/** Returns the HTTP status: the client's ApiError has it as a numeric `code`, Google's auth library as `status` or as a string. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, status } = error as { readonly code?: unknown; readonly status?: unknown };
  return [code, status].map(Number).find((number) => number >= 400 && number < 600);
}

/** Returns what Google said. In the client's errors of downloads, the message is Google's whole JSON answer. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const inner = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const first = (inner ?? text).split('\n', 1)[0] ?? '';
  return first.slice(0, 500).replace(/\.$/, '');
}
