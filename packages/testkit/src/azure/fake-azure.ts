import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { FakeBucket } from '../object-store/bucket';
import { FaultQueue } from '../object-store/fault-queue';
import { selfSigned } from '../servers/self-signed';
import { AzureRefusal, sendRefusal, sendXml } from './answer';
import { listPage, putBlob, receiveBody, sendBytes } from './blobs';
import { type AzureCall, type AzureMethod, type LoggedAzureRequest, parseCall } from './call';
import type { AzureFault } from './faults';

export interface FakeAzureOptions {
  /** The containers that exist at the start. Default: `test-container`. */
  readonly containers?: readonly string[];
  /** Speaks TLS with `selfSigned`, without which clients send no token. Default: false. */
  readonly tls?: boolean;
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
export class FakeAzure {
  readonly account = 'fakeaccount';
  readonly #server: Server;
  readonly #containers: ReadonlyMap<string, FakeBucket>;
  readonly #faults = new FaultQueue<AzureFault>();
  /** Lists names in the opposite order, as an account may that has folders: a listing that is out of order. */
  listBackwards = false;
  #log: LoggedAzureRequest[] = [];

  readonly #scheme: string;
  #tokens: ReadonlySet<string> = new Set();

  private constructor({ containers = ['test-container'], tls = false }: FakeAzureOptions) {
    this.#containers = new Map(containers.map((name) => [name, new FakeBucket()]));
    this.#scheme = tls ? 'https' : 'http';
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? createTlsServer(selfSigned, serve) : createServer(serve);
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeAzureOptions = {}): Promise<FakeAzure> {
    const fake = new FakeAzure(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** The address for a client's `endpoint`. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${this.account}`;
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

  /** Every request since the start or the last `clearLog()`, in the order of arrival. */
  get log(): readonly LoggedAzureRequest[] {
    return this.#log;
  }

  clearLog(): void {
    this.#log = [];
  }

  /** Returns the blobs of a container. */
  bucket(name = 'test-container'): FakeBucket {
    const bucket = this.#containers.get(name);
    if (bucket === undefined) throw new Error(`The fake Azure server was started without a container "${name}".`);
    return bucket;
  }

  /** Accepts these tokens from now on, and no others. They may do everything. */
  acceptTokens(...tokens: readonly string[]): void {
    this.#tokens = new Set(tokens);
  }

  inject(fault: AzureFault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Returns the number of open connections, so that a test can see that none leaks. */
  async connections(): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = parseCall(request);
    const { method, container, blob, query } = call;
    const headers = request.headers as Record<string, string>;
    const entry: LoggedAzureRequest = {
      method,
      container,
      blob,
      query: Object.fromEntries(query),
      headers,
      status: undefined,
    };
    this.#log.push(entry);
    try {
      entry.status = await this.#answer(call, entry, request, response);
    } catch (error) {
      if (!(error instanceof AzureRefusal)) {
        response.destroy(); // The client cut the connection in the middle of its upload.
        return;
      }
      entry.status = error.status;
      sendRefusal(response, error);
    }
  }

  /** Answers a request. Returns the status that it sent, if any. */
  async #answer(
    call: AzureCall,
    entry: LoggedAzureRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<number | undefined> {
    const fault = this.#faults.take(call.method);
    if (fault?.kind === 'early-status') throw refusalOf(fault);
    const body = call.method === 'PutBlob' ? await receiveBody(request, fault) : Buffer.alloc(0);
    if (body === 'cut') return undefined;
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
    const bucket = this.#containers.get(call.container);
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
    if (Date.parse(expires) < Date.now()) {
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
