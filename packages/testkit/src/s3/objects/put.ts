import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FakeBucket } from '../../object-store/bucket';
import { S3Refusal } from '../answer';

/** How a store treats `If-None-Match: *`. */
export type ConditionalWrites =
  | 'honored'
  /** Ceph does so in a versioned bucket, and older stores do everywhere. */
  | 'ignored'
  /** It answers 501. */
  | 'refused'
  /** It looks whether there is an object when the request arrives, and not when it stores one: more than one racer wins. */
  | 'racy';

/** Checks the digests that the client declared, as Amazon does. */
export function checkDigests(headers: IncomingMessage['headers'], bytes: Buffer): void {
  const declaredBytes = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || Number(declaredBytes) !== bytes.byteLength) {
    throw new S3Refusal(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const sha256 = headers['x-amz-content-sha256'];
  if (sha256 !== 'UNSIGNED-PAYLOAD' && sha256 !== digest('sha256', bytes, 'hex')) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch', message);
  }
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== digest('md5', bytes, 'base64')) {
    throw new S3Refusal(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

export function digest(kind: 'md5' | 'sha256', bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return createHash(kind).update(bytes).digest(encoding);
}

/** Throws if the request may only create and there is such an object. */
export function checkCondition(bucket: FakeBucket, name: string, header: string | undefined): void {
  if (header === undefined) return;
  if (header !== '*') throw new S3Refusal(501, 'NotImplemented', 'The fake S3 server knows no If-None-Match but "*".');
  if (bucket.get(name) === undefined) return;
  const message = 'At least one of the pre-conditions you specified did not hold';
  throw new S3Refusal(412, 'PreconditionFailed', message, { Condition: 'If-None-Match' });
}
