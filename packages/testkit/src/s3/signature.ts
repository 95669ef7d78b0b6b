import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Refusal } from './answer';

/** What a signature covers, as it was sent. */
export interface SignedRequest {
  readonly verb: string;
  /** The path and the query as they were sent. */
  readonly url: string;
  /** Their names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const skewMsMax = 15 * 60_000;
const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([\da-f]{64})$/;

/** What a server knows of itself and of those who may call it. */
export interface Verifier {
  readonly region: string;
  readonly nowMs: number;
  /** Returns the keys with this identifier. */
  readonly keysOf: (accessKeyId: string) => S3Keys | undefined;
}

/**
 * Verifies a signature of version 4 in the header `Authorization`, and returns whose it is
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). That the body fits the signed digest
 * is checked when it has arrived.
 */
export function verifySignature(request: SignedRequest, { region, nowMs, keysOf }: Verifier): S3Keys {
  const given = parseAuthorization(headerOf(request, 'authorization'));
  const keys = keysOf(given.accessKeyId);
  if (keys === undefined) {
    throw new S3Refusal(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  if (given.region !== region) {
    const message = `The authorization header is malformed; the region '${given.region}' is wrong; expecting '${region}'`;
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed', message, { Region: region });
  }
  const time = headerOf(request, 'x-amz-date');
  const signedMs = Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(signedMs - nowMs) <= skewMsMax)) {
    const details = { RequestTime: time, ServerTime: new Date(nowMs).toISOString() };
    const message = 'The difference between the request time and the current time is too large.';
    throw new S3Refusal(403, 'RequestTimeTooSkewed', message, details);
  }
  const isSigned = (name: string) => given.signedHeaders.includes(name);
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const expected = sign(request, given, keys.secretAccessKey);
  const fits = timingSafeEqual(Buffer.from(expected), Buffer.from(given.signature));
  if (!fits || !mustBeSigned.every(isSigned) || !time.startsWith(given.date)) {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
    throw new S3Refusal(403, 'SignatureDoesNotMatch', message);
  }
  if (keys.sessionToken !== undefined && headerOf(request, 'x-amz-security-token') !== keys.sessionToken) {
    throw new S3Refusal(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  return keys;
}

function parseAuthorization(header: string): Authorization {
  if (header === '') throw new S3Refusal(403, 'AccessDenied', 'Access Denied');
  const [, accessKeyId = '', date = '', region = '', signedHeaders = '', signature = ''] = pattern.exec(header) ?? [];
  if (signature === '')
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  return { accessKeyId, date, region, signedHeaders: signedHeaders.split(';'), signature };
}

function sign(request: SignedRequest, { date, region, signedHeaders }: Authorization, secret: string): string {
  const [path = '', query = ''] = request.url.split('?', 2);
  const canonical = [
    request.verb,
    path.split('/').map(encode).join('/'),
    [...new URLSearchParams(query)]
      .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
      .sort()
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${headerOf(request, name).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    headerOf(request, 'x-amz-content-sha256'),
  ].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', headerOf(request, 'x-amz-date'), scope, hash].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Encodes a part of a path as Amazon does, whatever of it its sender has encoded. */
function encode(part: string): string {
  return percentEncode(decodeURIComponent(part));
}

function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function headerOf({ headers }: SignedRequest, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}
