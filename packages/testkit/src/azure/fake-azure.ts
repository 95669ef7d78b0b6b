import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { byUnits, type FakeBucket } from '../object-store/bucket';
import { type Exchange, FakeStore } from '../object-store/fake-store';
import { arrived, receiveBody } from '../object-store/receive-body';
import { AzureRefusal, sendXml } from './answer';
import { listPage, putBlob, sendBytes } from './blobs';
import { type AzureCall, type AzureMethod, type LoggedAzureRequest, parseCall } from './call';
import type { AzureFault } from './faults';

export interface FakeAzureOptions {
  /** The containers that exist at the start. Default: `test-container`. */
  readonly containers?: readonly string[];
  /** Speaks TLS with `selfSigned`, without which clients send no token. Default: false. */
  readonly tls?: boolean;
  /** The time by the server's clock. Default: `Date.now`. */
  readonly now?: () => number;
}

/** The permissions of a SAS, of which each call needs one. */
const permissionsFor: Readonly<Record<Exclude<AzureMethod, 'Other'>, readonly string[]>> = {
  PutBlob: ['c', 'w'],
  GetBlob: ['r'],
  ListBlobs: ['l'],
  DeleteBlob: ['d'],
};

/**
 * A fake of Azure Blob Storage on a local port, in memory, as far as a backup needs it: it has the codes that Microsoft's emulator
 * lacks. Of a SAS it reads permissions and expiry, and verifies no signature. Tests can make it fail, and it remembers every request.
 */
export class FakeAzure extends FakeStore<LoggedAzureRequest, AzureFault> {
  readonly account = 'fakeaccount';
  /** Lists names in the opposite order, as an account may that has folders: a listing that is out of order. */
  listBackwards = false;
  #tokens: ReadonlySet<string> = new Set();
  readonly #now: () => number;

  private constructor({ containers = ['test-container'], tls = false, now = () => Date.now() }: FakeAzureOptions) {
    super({ buckets: containers, tls, order: byUnits });
    this.#now = now;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeAzureOptions = {}): Promise<FakeAzure> {
    return await new FakeAzure(options).listen();
  }

  override get url(): string {
    return `${super.url}/${this.account}`;
  }

  /** Makes a SAS with permissions such as `c` or `rl`. */
  sas(permissions: string, expires = new Date(Date.now() + 3_600_000)): string {
    return new URLSearchParams({
      sv: '2026-04-06',
      sr: 'c',
      sp: permissions,
      se: expires.toISOString(),
      sig: 'fake',
    }).toString();
  }

  /** Accepts these tokens from now on, and no others. They may do everything. */
  acceptTokens(...tokens: readonly string[]): void {
    this.#tokens = new Set(tokens);
  }

  protected begin(request: IncomingMessage, response: ServerResponse): Exchange<LoggedAzureRequest> {
    response.setHeader('date', new Date(this.#now()).toUTCString());
    const call = parseCall(request);
    const { method, container, blob } = call;
    const headers = request.headers as Record<string, string>;
    const query = Object.fromEntries(call.query);
    const entry: LoggedAzureRequest = { method, container, blob, query, headers, status: undefined };
    return { entry, answer: () => this.#answer(call, entry, request, response) };
  }

  /** Answers a request. Returns the status that it sent, if any. */
  async #answer(
    call: AzureCall,
    entry: LoggedAzureRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const fault = this.faults.take(call.method);
    if (fault?.kind === 'early-status') throw refusalOf(fault);
    const upload = call.method === 'PutBlob' ? await receiveBody(request, response, fault) : Buffer.alloc(0);
    if (upload === 'cut') return undefined;
    const body = arrived(upload, fault);
    if (call.method === 'PutBlob') entry.sha256 = createHash('sha256').update(body).digest('hex');
    if (fault?.kind === 'status') throw refusalOf(fault);
    if (fault?.kind === 'html') {
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
      return fault.status;
    }
    if (call.method === 'Other') {
      throw new AzureRefusal(501, 'NotImplemented', 'The fake Azure server does not know this request.');
    }
    const granted = this.#granted(call, request.headers.authorization);
    if (!permissionsFor[call.method].some((permission) => granted.includes(permission))) {
      const message = 'This request is not authorized to perform this operation using this permission.';
      throw new AzureRefusal(403, 'AuthorizationPermissionMismatch', message);
    }
    const bucket = this.buckets.get(call.container);
    if (bucket === undefined) {
      throw new AzureRefusal(404, 'ContainerNotFound', 'The specified container does not exist.');
    }
    if (call.method === 'GetBlob') return sendBytes(response, existing(bucket, call.blob), rangeOf(request), fault);
    if (call.method === 'PutBlob') putBlob(bucket, call, request.headers, body, granted.includes('w'));
    if (call.method === 'DeleteBlob' && existing(bucket, call.blob)) bucket.delete(call.blob);
    if (fault?.kind === 'stall') return undefined;
    if (fault?.kind === 'lose-reply' || fault?.kind === 'reset') {
      response.destroy();
      return undefined;
    }
    if (call.method === 'ListBlobs') {
      sendXml(response, 200, listPage(bucket, call, this.listBackwards), fault?.kind === 'cut-answer');
      return 200;
    }
    const status = call.method === 'PutBlob' ? 201 : 202;
    response.writeHead(status, { 'content-length': 0 }).end();
    return status;
  }

  /** Returns the permissions of the token or the SAS. */
  #granted({ query }: AzureCall, authorization: string | undefined): string {
    if (authorization?.startsWith('Bearer ')) {
      if (this.#tokens.has(authorization.slice(7))) return 'crwdl';
      const message =
        'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.';
      const detail = 'Lifetime validation failed. The token is expired.';
      throw new AzureRefusal(401, 'InvalidAuthenticationInfo', message, detail);
    }
    if (!query.has('sig')) {
      throw new AzureRefusal(
        409,
        'PublicAccessNotPermitted',
        'Public access is not permitted on this storage account.',
      );
    }
    const expires = query.get('se') ?? '';
    if (Date.parse(expires) < this.#now()) {
      const message =
        'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';
      const detail = `Signature not valid in the specified time frame: Start [] - Expiry [${expires}] - Current [${new Date().toUTCString()}]`;
      throw new AzureRefusal(403, 'AuthenticationFailed', message, detail);
    }
    return query.get('sp') ?? '';
  }
}

function rangeOf({ headers }: IncomingMessage): string | undefined {
  return (headers['x-ms-range'] as string | undefined) ?? headers.range;
}

function existing(bucket: FakeBucket, name: string) {
  const found = bucket.get(name);
  if (found === undefined) throw new AzureRefusal(404, 'BlobNotFound', 'The specified blob does not exist.');
  return found;
}

function refusalOf({ status, code, message }: Extract<AzureFault, { readonly code: string }>): AzureRefusal {
  return new AzureRefusal(status, code, message ?? `Injected ${status}.`);
}
