import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeBucket, FakeObject } from '../object-store/bucket';
import { type Exchange, FakeStore } from '../object-store/fake-store';
import { arrived, receiveBody } from '../object-store/receive-body';
import { S3Refusal, sendXml } from './answer';
import { type LoggedS3Request, parseCall, type S3Call, type S3Method } from './call';
import type { S3Fault } from './faults';
import { sendBytes } from './objects/get';
import { listPage } from './objects/list';
import { type ConditionalWrites, checkCondition, checkDigests, digest } from './objects/put';
import { isAllowed, type S3Policy, s3Policies } from './policy';
import { type S3Keys, verifySignature } from './signature';

export interface FakeS3Options {
  /** The buckets that exist at the start. Default: `test-bucket`. */
  readonly buckets?: readonly string[];
  /** What the user of `keys` may do. Default: everything. */
  readonly policy?: S3Policy;
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** Default: `honored`. */
  readonly conditionalWrites?: ConditionalWrites;
  /** Makes the answer to each upload name a version, as in a bucket that keeps versions. Default: false. */
  readonly keepsVersions?: boolean;
  /** The time by the server's clock. Default: `Date.now`. */
  readonly now?: () => number;
}

/** The keys of every fake server's first user. */
export const fakeS3Keys: S3Keys = {
  accessKeyId: 'FAKEACCESSKEY',
  secretAccessKey: 'a-secret-of-the-fake-s3/server+',
};

/** How long a store that is racy takes between looking for an object and storing one. */
const racyMs = 50;

const actions: Readonly<Record<Exclude<S3Method, 'Other'>, string>> = {
  PutObject: 's3:PutObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  DeleteObject: 's3:DeleteObject',
  HeadBucket: 's3:ListBucket',
};

/**
 * A fake of Amazon S3 on a local port, in memory, as far as a backup needs it, in path style: real signatures, conditional writes,
 * digests and policies. Tests can make it fail, and it remembers every request.
 */
export class FakeS3 extends FakeStore<LoggedS3Request, S3Fault> {
  /** The keys of the first user. */
  readonly keys: S3Keys = fakeS3Keys;
  readonly region: string;
  readonly #users = new Map<string, { readonly keys: S3Keys; policy: S3Policy; isExpired: boolean }>();
  readonly #conditionalWrites: ConditionalWrites;
  readonly #keepsVersions: boolean;
  readonly #now: () => number;
  #bucketPolicy: S3Policy = { Statement: [] };

  private constructor(options: FakeS3Options) {
    super({ buckets: options.buckets ?? ['test-bucket'] });
    this.region = options.region ?? 'us-east-1';
    this.#conditionalWrites = options.conditionalWrites ?? 'honored';
    this.#keepsVersions = options.keepsVersions ?? false;
    this.#now = options.now ?? (() => Date.now()); // whatever replaces it, and when
    this.addUser(this.keys, options.policy ?? s3Policies.admin);
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeS3Options = {}): Promise<FakeS3> {
    return await new FakeS3(options).listen();
  }

  addUser(keys: S3Keys, policy: S3Policy): void {
    this.#users.set(keys.accessKeyId, { keys, policy, isExpired: false });
  }

  /** Replaces what a user may do, from the next request on. */
  grant(policy: S3Policy, { accessKeyId }: S3Keys = this.keys): void {
    this.#user(accessKeyId).policy = policy;
  }

  /** Lets a user's keys expire, as those of a role do. */
  expire({ accessKeyId }: S3Keys = this.keys): void {
    this.#user(accessKeyId).isExpired = true;
  }

  /** Replaces the policy of all buckets, which holds for every user. */
  setBucketPolicy(policy: S3Policy): void {
    this.#bucketPolicy = policy;
  }

  protected begin(request: IncomingMessage, response: ServerResponse): Exchange<LoggedS3Request> {
    const call = parseCall(request);
    const { method, bucket, object } = call;
    const headers = request.headers as Record<string, string>;
    const line = `${request.method} ${request.url}`;
    const entry: LoggedS3Request = { method, line, bucket, object, headers, status: undefined };
    response.setHeader('date', new Date(this.#now()).toUTCString());
    return { entry, answer: () => this.#answer(call, entry, request, response) };
  }

  /** Answers a request. Returns the status that it sent, if any. */
  async #answer(
    call: S3Call,
    entry: LoggedS3Request,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const fault = this.faults.take(call.method);
    if (fault?.kind === 'early-status') {
      if (request.headers.expect === '100-continue') throw refusalOf(fault);
      request.socket.resetAndDestroy();
      return undefined;
    }
    const bucketBefore = this.buckets.get(call.bucket);
    const wasFree = bucketBefore?.get(call.object) === undefined;
    const upload = call.method === 'PutObject' ? await receiveBody(request, response, fault) : Buffer.alloc(0);
    if (upload === 'cut') return undefined;
    const body = arrived(upload, fault);
    if (call.method === 'PutObject') entry.sha256 = digest('sha256', body, 'hex');
    if (fault?.kind === 'status') throw refusalOf(fault);
    if (fault?.kind === 'html') {
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
      return fault.status;
    }
    const bucket = this.#authorize(call, request);
    if (call.method === 'GetObject') {
      return sendBytes(response, existing(bucket, call), request.headers.range, fault);
    }
    // A store that looks and stores at two times: between them, others look.
    if (call.method === 'PutObject' && this.#conditionalWrites === 'racy') await sleep(racyMs);
    const xml = call.method === 'PutObject' ? this.#put(bucket, call, request, body, wasFree) : execute(bucket, call);
    if (fault?.kind === 'stall') return undefined;
    if (fault?.kind === 'lose-reply' || fault?.kind === 'reset') {
      response.destroy();
      return undefined;
    }
    if (xml === undefined) {
      const status = call.method === 'DeleteObject' ? 204 : 200;
      if (call.method === 'PutObject' && this.#keepsVersions) response.setHeader('x-amz-version-id', randomUUID());
      response.writeHead(status, { 'content-length': 0 }).end();
      return status;
    }
    sendXml(response, 200, xml, fault?.kind === 'cut-answer');
    return 200;
  }

  /** Checks the signature and the policies, and returns the bucket. */
  #authorize({ method, bucket: name, object, query }: S3Call, request: IncomingMessage): FakeBucket {
    const { accessKeyId } = verifySignature(
      { verb: request.method ?? '', url: request.url ?? '', headers: request.headers },
      { region: this.region, nowMs: this.#now(), keysOf: (id) => this.#users.get(id)?.keys },
    );
    const { policy, isExpired } = this.#user(accessKeyId);
    if (isExpired) throw new S3Refusal(400, 'ExpiredToken', 'The provided token has expired.');
    if (method === 'Other')
      throw new S3Refusal(501, 'NotImplemented', 'The fake S3 server does not know this request.');
    const bucket = this.buckets.get(name);
    if (bucket === undefined) {
      throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
    }
    const condition = request.headers['if-none-match'];
    const context = {
      'aws:SecureTransport': 'false',
      ...(method === 'PutObject' && condition !== undefined && { 's3:if-none-match': condition }),
      ...(method === 'ListObjectsV2' && { 's3:prefix': query.get('prefix') ?? '' }),
    };
    const resource = `arn:aws:s3:::${name}${object === '' ? '' : `/${object}`}`;
    const wish = { accessKeyId, action: actions[method], resource, context };
    if (!isAllowed([policy, this.#bucketPolicy], wish)) {
      const message = `User: arn:aws:iam::123456789012:user/${accessKeyId} is not authorized to perform: ${wish.action}`;
      throw new S3Refusal(403, 'AccessDenied', `${message} on resource: "${resource}"`);
    }
    return bucket;
  }

  #put(bucket: FakeBucket, { object }: S3Call, request: IncomingMessage, bytes: Buffer, wasFree: boolean): undefined {
    const { 'if-none-match': condition, 'content-type': contentType, 'cache-control': cacheControl } = request.headers;
    checkDigests(request.headers, bytes);
    const writes = this.#conditionalWrites;
    if (writes === 'refused' && condition !== undefined) {
      throw new S3Refusal(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
    }
    const isChecked = writes === 'honored' || (writes === 'racy' && !wasFree);
    if (isChecked) checkCondition(bucket, object, condition);
    bucket.set(object, {
      bytes,
      createdMs: this.#now(),
      generation: (bucket.get(object)?.generation ?? 0) + 1,
      ...(contentType !== undefined && { contentType }),
      ...(cacheControl !== undefined && { cacheControl }),
    });
  }

  #user(accessKeyId: string) {
    const user = this.#users.get(accessKeyId);
    if (user === undefined) throw new Error(`The fake S3 server has no user "${accessKeyId}".`);
    return user;
  }
}

function refusalOf({ status, code, message }: { status: number; code: string; message?: string }): S3Refusal {
  return new S3Refusal(status, code, message ?? `Injected ${code}.`);
}

/** Carries a call out. Returns the answer's XML, if there is one. */
function execute(bucket: FakeBucket, call: S3Call): string | undefined {
  if (call.method === 'ListObjectsV2') return listPage(bucket, call);
  if (call.method === 'HeadObject') existing(bucket, call);
  if (call.method === 'DeleteObject') bucket.delete(call.object); // S3 answers 204 whether or not there was one
  return undefined;
}

function existing(bucket: FakeBucket, { object }: S3Call): FakeObject {
  const found = bucket.get(object);
  if (found === undefined) throw new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.', { Key: object });
  return found;
}
