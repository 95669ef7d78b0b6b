import type { IncomingMessage } from 'node:http';

/** What a request does, as Azure's documentation names it; `Other` is anything that the fake does not know. */
export type AzureMethod = 'PutBlob' | 'GetBlob' | 'ListBlobs' | 'DeleteBlob' | 'Other';

/** A parsed request. */
export interface AzureCall {
  readonly method: AzureMethod;
  readonly container: string;
  /** Empty if the call concerns a container. */
  readonly blob: string;
  readonly query: URLSearchParams;
}

/** A request that the server received, and how it was answered. */
export interface LoggedAzureRequest {
  readonly method: AzureMethod;
  readonly container: string;
  readonly blob: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The digest of an upload's body, if it arrived whole. */
  sha256?: string;
  /** Is `undefined` until the request is answered, and stays so if the connection was cut before. */
  status: number | undefined;
}

/** Reads a request line of the REST API, with the account in its path. */
export function parseCall(request: IncomingMessage): AzureCall {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
  const [, , container = '', ...names] = pathname.split('/');
  const blob = decodeURIComponent(names.join('/'));
  return { method: methodOf(request, blob, query), container, blob, query };
}

function methodOf({ method, headers }: IncomingMessage, blob: string, query: URLSearchParams): AzureMethod {
  const action = query.get('comp');
  if (blob === '') return method === 'GET' && action === 'list' ? 'ListBlobs' : 'Other';
  if (action !== null) return 'Other';
  if (method === 'PUT') return headers['x-ms-blob-type'] === 'BlockBlob' ? 'PutBlob' : 'Other';
  if (method === 'DELETE') return 'DeleteBlob';
  return method === 'GET' ? 'GetBlob' : 'Other';
}
