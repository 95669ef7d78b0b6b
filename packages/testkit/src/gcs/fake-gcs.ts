import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeBucket, FakeObject } from '../object-store/bucket';
import { type Exchange, FakeStore } from '../object-store/fake-store';
import { GcsRefusal, sendJson } from './answer';
import { type GcsCall, type LoggedRequest, parseCall } from './call';
import type { GcsFault } from './faults';
import { createObject } from './objects/create';
import { sendBytes } from './objects/get';
import { describeObject, listPage } from './objects/list';
import { denied, type GcsPermission, gcsRoles, permissionFor } from './permissions';
import { receiveUpload, type Upload } from './upload';

export interface FakeGcsOptions {
  /** The buckets that exist at the start. Default: `test-bucket`. */
  readonly buckets?: readonly string[];
  /** What every request may do. Default: everything. */
  readonly permissions?: readonly GcsPermission[];
  /** The token that every request must have. Default: none, as with an emulator. */
  readonly token?: string;
}

/**
 * A fake of Cloud Storage's JSON API on a local port, in memory, as far as a backup needs it: multipart uploads, listings,
 * reads and deletes, with real preconditions and permissions. Tests can make it fail, and it remembers every request.
 */
export class FakeGcs extends FakeStore<LoggedRequest, GcsFault> {
  readonly #token: string | undefined;
  #granted: ReadonlySet<GcsPermission>;

  private constructor(options: FakeGcsOptions) {
    super({ buckets: options.buckets ?? ['test-bucket'] });
    this.#granted = new Set(options.permissions ?? gcsRoles.admin);
    this.#token = options.token;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeGcsOptions = {}): Promise<FakeGcs> {
    return await new FakeGcs(options).listen();
  }

  /** Replaces the permissions, from the next request on. */
  grant(permissions: readonly GcsPermission[]): void {
    this.#granted = new Set(permissions);
  }

  protected begin(request: IncomingMessage, response: ServerResponse): Exchange<LoggedRequest> {
    const call = parseCall(request);
    const { method, bucket, object } = call;
    const line = `${request.method} ${request.url}`;
    const query = Object.fromEntries(call.query);
    const entry: LoggedRequest = { method, line, bucket, object, query, status: undefined };
    return { entry, answer: () => this.#answer(call, entry, request, response) };
  }

  /** Answers a request. Returns the status that it sent, if any. */
  async #answer(
    call: GcsCall,
    entry: LoggedRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const fault = this.faults.take(call.method);
    const upload = call.method === 'objects.create' ? await receiveUpload(request, response, fault) : undefined;
    if (upload === 'cut') return undefined;
    if (upload !== undefined) entry.metadata = upload.metadata;
    if (fault?.kind === 'status') {
      throw new GcsRefusal(fault.status, fault.reason ?? 'injected', fault.message ?? `Injected ${fault.status}.`);
    }
    const bucket = this.#authorize(call, request.headers.authorization);
    if (call.method === 'objects.get') {
      return sendBytes(response, existing(bucket, call), request.headers.range, fault);
    }
    const answer = this.#execute(bucket, call, upload);
    if (fault?.kind === 'stall') return undefined;
    if (fault?.kind === 'lose-reply' || fault?.kind === 'reset') {
      response.destroy();
      return undefined;
    }
    sendJson(response, 200, answer, fault?.kind === 'cut-answer');
    return 200;
  }

  #authorize(call: GcsCall, authorization: string | undefined): FakeBucket {
    if (this.#token !== undefined && authorization !== `Bearer ${this.#token}`) {
      throw new GcsRefusal(
        401,
        'required',
        'Anonymous caller does not have access to the Google Cloud Storage object.',
      );
    }
    if (call.method === 'other')
      throw new GcsRefusal(501, 'notImplemented', 'The fake Google server does not know this request.');
    const bucket = this.buckets.get(call.bucket);
    if (bucket === undefined) throw new GcsRefusal(404, 'notFound', 'The specified bucket does not exist.');
    if (!this.#granted.has(permissionFor[call.method])) throw denied(permissionFor[call.method]);
    return bucket;
  }

  #execute(bucket: FakeBucket, call: GcsCall, upload: Upload | undefined): object {
    if (upload !== undefined) {
      createObject(bucket, call, upload, this.#granted);
      return describeObject(bucket, call.object, false);
    }
    if (call.method === 'objects.list') return listPage(bucket, call);
    if (call.method === 'buckets.get') return { kind: 'storage#bucket', name: call.bucket };
    existing(bucket, call);
    const description = describeObject(bucket, call.object, false);
    if (call.method === 'objects.delete') bucket.delete(call.object);
    return description;
  }
}

function existing(bucket: FakeBucket, { bucket: name, object }: GcsCall): FakeObject {
  const found = bucket.get(object);
  if (found === undefined) throw new GcsRefusal(404, 'notFound', `No such object: ${name}/${object}`);
  return found;
}
