import type { ServerResponse } from 'node:http';
import type { FakeObject } from '../../object-store/bucket';
import { sendHalf } from '../../object-store/send-half';
import { GcsRefusal } from '../answer';
import type { GcsFault } from '../faults';

/** Sends an object's bytes, or the requested range; a fault can cut or stall it in the middle. Returns the status. */
export function sendBytes(
  response: ServerResponse,
  { bytes, contentType }: FakeObject,
  rangeHeader: string | undefined,
  fault: GcsFault | undefined,
): number {
  const size = bytes.byteLength;
  const range = parseRange(rangeHeader, size);
  const body = range === undefined ? bytes : bytes.subarray(range.first, range.last + 1);
  const status = range === undefined ? 200 : 206;
  response.writeHead(status, {
    'content-type': contentType ?? 'application/octet-stream',
    'content-length': body.byteLength,
    'x-goog-stored-content-encoding': 'identity',
    ...(range !== undefined && { 'content-range': `bytes ${range.first}-${range.last}/${size}` }),
  });
  const cutAt = Math.floor(body.byteLength / 2);
  if (fault?.kind === 'reset') response.write(body.subarray(0, cutAt), () => response.destroy());
  else if (fault?.kind === 'cut-answer') sendHalf(response, body);
  else if (fault?.kind === 'stall') response.write(body.subarray(0, cutAt));
  else response.end(body);
  return status;
}

function parseRange(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  if (start < size) return { first: start, last: last ? Math.min(Number(last), size - 1) : size - 1 };
  throw new GcsRefusal(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
}
