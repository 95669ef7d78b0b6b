import type { IncomingMessage } from 'node:http';

/** What a request does, as Google's audit log would name it; `other` is anything that the fake does not know. */
export type GcsMethod =
  | 'objects.create'
  | 'objects.list'
  | 'objects.get' // bytes
  | 'objects.getMetadata'
  | 'objects.delete'
  | 'buckets.get'
  | 'other';

/** A parsed request. */
export interface GcsCall {
  readonly method: GcsMethod;
  readonly bucket: string;
  /** Empty if the call concerns a bucket. */
  readonly object: string;
  readonly query: URLSearchParams;
}

/** A request that the server received, and how it was answered. */
export interface LoggedRequest {
  readonly method: GcsMethod;
  /** The request line as it was sent: `POST /upload/storage/v1/b/…`. */
  readonly line: string;
  readonly bucket: string;
  readonly object: string;
  readonly query: Readonly<Record<string, string>>;
  /** The uploaded object's metadata, once it has arrived. */
  metadata?: Readonly<Record<string, string | undefined>>;
  /** Is `undefined` until the request is answered, and stays so if the connection was cut before. */
  status: number | undefined;
}

// To a server that STORAGE_EMULATOR_HOST names, Google's client leaves out /storage/v1 in all paths but that of uploads.
const objectPath = /^(?:\/download)?(?:\/storage\/v1)?\/b\/([^/]+)\/o\/([^/]+)$/;
const listPath = /^(?:\/storage\/v1)?\/b\/([^/]+)\/o\/?$/;
const uploadPath = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;
const bucketPath = /^(?:\/storage\/v1)?\/b\/([^/]+)$/;

/** Reads a request line of the JSON API (https://cloud.google.com/storage/docs/json_api/v1). */
export function parseCall(request: IncomingMessage): GcsCall {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
  const verb = request.method ?? 'GET';
  const call = (method: GcsMethod, match: RegExpExecArray, object = ''): GcsCall => ({
    method,
    bucket: decodeURIComponent(match[1] ?? ''),
    object,
    query,
  });

  const upload = uploadPath.exec(pathname);
  if (upload && verb === 'POST') return call('objects.create', upload, query.get('name') ?? '');
  const list = listPath.exec(pathname);
  if (list && verb === 'GET') return call('objects.list', list);
  const object = objectPath.exec(pathname);
  const name = decodeURIComponent(object?.[2] ?? '');
  if (object && verb === 'DELETE') return call('objects.delete', object, name);
  if (object && verb === 'GET') {
    return call(query.get('alt') === 'media' ? 'objects.get' : 'objects.getMetadata', object, name);
  }
  const bucket = bucketPath.exec(pathname);
  if (bucket && verb === 'GET') return call('buckets.get', bucket);
  return { method: 'other', bucket: '', object: '', query };
}
