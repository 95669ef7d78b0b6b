import type { IncomingMessage } from 'node:http';

/** What a request does, in Amazon's words; `Other` is anything that the fake does not know. */
export type S3Method =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'ListObjectsV2'
  | 'DeleteObject'
  | 'HeadBucket'
  | 'Other';

/** A parsed request. */
export interface S3Call {
  readonly method: S3Method;
  readonly bucket: string;
  /** Empty if the call concerns a bucket. */
  readonly object: string;
  readonly query: URLSearchParams;
}

/** A request that the server received, and how it was answered. */
export interface LoggedS3Request {
  readonly method: S3Method;
  /** The request line as it was sent: `PUT /test-bucket/a.gz?x-id=PutObject`. */
  readonly line: string;
  readonly bucket: string;
  readonly object: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of an upload that has arrived whole, in hex SHA-256. */
  sha256?: string;
  /** Is `undefined` until the request is answered, and stays so if the connection was cut before. */
  status: number | undefined;
}

/** Reads a request in path style (https://docs.aws.amazon.com/AmazonS3/latest/API). */
export function parseCall(request: IncomingMessage): S3Call {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
  const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(pathname) ?? [];
  const object = decodeURIComponent(path);
  return { method: methodOf(request.method ?? 'GET', object, query), bucket, object, query };
}

/** A query that stands for another call of the same path and verb: parts, versions, ACLs, tags. */
const otherCalls = ['uploads', 'uploadId', 'versionId', 'versions', 'acl', 'tagging', 'retention', 'policy', 'delete'];

function methodOf(verb: string, object: string, query: URLSearchParams): S3Method {
  if (otherCalls.some((name) => query.has(name))) return 'Other';
  if (object === '') {
    if (verb === 'HEAD') return 'HeadBucket';
    return verb === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : 'Other';
  }
  const verbs = { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' } as const;
  return verbs[verb as keyof typeof verbs] ?? 'Other';
}
