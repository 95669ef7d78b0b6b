import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { supervise } from '../servers/supervisor';
import { findAzurite } from './program';

/** Microsoft's emulator of Azure Blob Storage, which we started: on a free port of the loopback interface, in a folder of its own. */
export interface Azurite {
  /** The address for a client's `endpoint`, with the account in its path. */
  readonly url: string;
  readonly account: string;
  /** The key of the account, which may do everything. */
  readonly accountKey: string;
  stop(): Promise<void>;
}

const account = 'emulated';

/**
 * Starts the emulator and resolves when it listens. `stop` ends it and removes its folder; so does the end of this process, even by
 * SIGKILL.
 *
 * @throws Error that says how to get it if npm cannot fetch it
 */
export async function startAzurite(): Promise<Azurite> {
  const program = await findAzurite();
  const accountKey = randomBytes(64).toString('base64');
  const directory = await mkdtemp(join(tmpdir(), 'ceres-azurite-'));
  // On a machine that many share, a client may stand still for longer than the 5 s after which connections are closed by default.
  const address = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--blobKeepAliveTimeout', '600'];
  // By default it calls home. It knows fewer versions of the API than the SDK has.
  const behavior = ['--location', directory, '--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const env = { ...process.env, AZURITE_ACCOUNTS: `${account}:${accountKey}` };
  const server = await supervise([process.execPath, program, ...address, ...behavior], directory, env);
  try {
    const [, url] = await server.printed(/successfully listens on (http:\S+)/);
    return { url: `${url}/${account}`, account, accountKey, stop: () => server.release('remove') };
  } catch (error) {
    await server.release('remove');
    throw error;
  }
}
