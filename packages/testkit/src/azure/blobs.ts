import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeBucket, FakeObject } from '../object-store/bucket';
import { sendHalf } from '../object-store/send-half';
import { AzureRefusal, escapeXml } from './answer';
import type { AzureCall } from './call';
import type { AzureFault } from './faults';

/** Stores an upload by Azure's rules: with `create` alone, a blob that exists is refused before its condition is looked at. */
export function putBlob(
  bucket: FakeBucket,
  { blob }: AzureCall,
  headers: IncomingMessage['headers'],
  bytes: Buffer,
  mayWrite: boolean,
): void {
  const md5 = headers['x-ms-blob-content-md5'] ?? headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(bytes).digest('base64')) {
    const message = 'The MD5 value specified in the request did not match with the MD5 value calculated by the server.';
    throw new AzureRefusal(400, 'Md5Mismatch', message);
  }
  const exists = bucket.get(blob) !== undefined;
  if (exists && !mayWrite) {
    const message = 'This request is not authorized to perform blob overwrites.';
    throw new AzureRefusal(403, 'UnauthorizedBlobOverwrite', message);
  }
  if (exists && headers['if-none-match'] === '*') {
    throw new AzureRefusal(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  }
  const text = (name: string) => headers[name] as string | undefined;
  const contentType = text('x-ms-blob-content-type');
  const cacheControl = text('x-ms-blob-cache-control');
  bucket.set(blob, {
    bytes,
    createdMs: Date.now(),
    generation: (bucket.get(blob)?.generation ?? 0) + 1,
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
  });
}

/** Sends a blob's bytes, or the requested range; a fault can cut or stall it in the middle. Returns the status. */
export function sendBytes(
  response: ServerResponse,
  { bytes, createdMs }: FakeObject,
  rangeHeader: string | undefined,
  fault: AzureFault | undefined,
): number {
  const size = bytes.byteLength;
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(rangeHeader ?? '') ?? [];
  const start = Number(first ?? 0);
  if (first !== undefined && start >= size) {
    throw new AzureRefusal(416, 'InvalidRange', 'The range specified is invalid for the current size of the resource.');
  }
  const end = last ? Math.min(Number(last) + 1, size) : size;
  const body = bytes.subarray(start, end);
  const status = first === undefined ? 200 : 206;
  response.writeHead(status, {
    'content-type': 'application/gzip',
    'content-length': body.byteLength,
    'last-modified': new Date(createdMs).toUTCString(),
    etag: '"0x1"',
    'x-ms-blob-type': 'BlockBlob',
    ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  const half = body.subarray(0, Math.floor(body.byteLength / 2));
  if (fault?.kind === 'reset') response.write(half, () => response.destroy());
  else if (fault?.kind === 'cut-answer') sendHalf(response, body);
  else if (fault?.kind === 'stall') response.write(half);
  else response.end(body);
  return status;
}

/** Returns one page, as List Blobs does. */
export function listPage(bucket: FakeBucket, { query }: AzureCall, isBackwards = false): string {
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker');
  const size = Math.min(Number(query.get('maxresults') ?? 5000), 5000);
  const names = bucket.names();
  const resumed = marker ? bucket.placeOf(Buffer.from(marker, 'base64').toString()) : 0;
  const first = Math.max(bucket.placeOf(prefix), bucket.placeOf(query.get('startFrom') ?? ''), resumed);
  let end = first;
  while (end < names.length && end - first < size && names[end]?.startsWith(prefix)) end += 1;
  const next = names[end]?.startsWith(prefix) ? Buffer.from(names[end] ?? '').toString('base64') : '';
  const blobs = names.slice(first, end).map((name) => describe(name, bucket.get(name)));
  if (isBackwards) blobs.reverse();
  return `<EnumerationResults ServiceEndpoint="http://fake/" ContainerName="c"><Blobs>${blobs.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
}

function describe(name: string, object: FakeObject | undefined): string {
  const created = new Date(object?.createdMs ?? 0).toUTCString();
  const times = `<Creation-Time>${created}</Creation-Time><Last-Modified>${created}</Last-Modified>`;
  const rest = `<Etag>0x1</Etag><Content-Length>${object?.bytes.byteLength}</Content-Length><BlobType>BlockBlob</BlobType>`;
  return `<Blob><Name>${escapeXml(name)}</Name><Properties>${times}${rest}</Properties></Blob>`;
}
