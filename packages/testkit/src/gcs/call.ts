import type { IncomingMessage } from 'node:http';

/** What a request is, as Google's audit log would name it; `other` is anything the fake does not know. */
export type GcsMethod =
  | 'objects.create'
  | 'objects.list'
  | 'objects.get' // bytes
  | 'objects.getMetadata'
  | 'objects.delete'
  | 'buckets.get'
  | 'other';

/** A request, understood. */
export interface GcsCall {
  readonly method: GcsMethod;
  readonly bucket: string;
  /** `''` where the call concerns a bucket. */
  readonly object: string;
  readonly query: URLSearchParams;
}

/** What the server was asked, and what came of it. */
export interface LoggedRequest {
  readonly method: GcsMethod;
  /** As sent: `POST /upload/storage/v1/b/…`. */
  readonly line: string;
  readonly bucket: string;
  readonly object: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of the uploaded object, once it has arrived. */
  metadata?: Readonly<Record<string, string | undefined>>;
  /** `undefined` while unanswered, and for good if the connection was cut before. */
  status: number | undefined;
}

const objectPath = /^(?:\/download)?\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/;
const listPath = /^\/storage\/v1\/b\/([^/]+)\/o\/?$/;
const uploadPath = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;
const bucketPath = /^\/storage\/v1\/b\/([^/]+)$/;

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
