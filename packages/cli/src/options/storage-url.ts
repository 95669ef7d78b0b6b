import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors';
import type { Terminal } from '../terminal';

/** Adds the argument STORAGE-URL, which every command takes. */
export function withStorage(command: Command): Command {
  return command.argument(
    '[storage-url]',
    'the backup: a folder, or a URL such as gs://bucket/prefix (default: CERES_STORAGE)',
    parseStorageUrl,
  );
}

/** Parses a STORAGE-URL, or the path of a folder. Whatever a URL would drop without a word is refused. */
export function parseStorageUrl(text: string): URL {
  if (isPath(text)) return pathToFileURL(text);
  if (!URL.canParse(text)) throw new InvalidArgumentError(`Expected ${expected}.`);
  // The parameters of S3 say where its bucket is; its adapter refuses those that it does not know.
  const lost = /^s3:/i.test(text) ? /#|^\s|\s$|[\t\n\r]/ : /[?#]|^\s|\s$|[\t\n\r]/;
  const dropped = lost.exec(text)?.[0];
  if (dropped !== undefined) {
    const code = `%${dropped.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    throw new InvalidArgumentError(`Expected ${expected}, without ${JSON.stringify(dropped)}: write ${code} for it.`);
  }
  const url = new URL(text);
  if (url.protocol === 'file:') checkFileUrl(url, text);
  return url;
}

const expected = 'a folder, or a URL such as file:///dir or gs://bucket/prefix';

/** Returns whether a text names a folder: everything does that has no scheme. A single letter is a drive. */
function isPath(text: string): boolean {
  return text !== '' && !/^[a-z][a-z\d+.-]+:/i.test(text);
}

function checkFileUrl(url: URL, text: string): void {
  // Otherwise `file:backup` would be the folder /backup.
  if (!/^file:(?:\/\/(?:localhost)?)?\/(?!\/)/i.test(text)) {
    throw new InvalidArgumentError(
      'Expected a file: URL with a whole path, such as file:///dir. A path alone will do, too.',
    );
  }
  try {
    fileURLToPath(url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(
      `Expected the path in a file: URL to be percent-encoded: ${reason}. Write %25 for %.`,
    );
  }
}

/**
 * Opens the storage behind a URL. `file:` is built in; any other scheme is the package `@ceres/storage-<scheme>`
 * (`@ceres/storage-gcs` for `gs:`). It is loaded only now, so that `--help` does not wait for it, and says on stderr why
 * it does not answer.
 */
export async function openStorage(url: URL, terminal: Terminal): Promise<ObjectReader> {
  if (url.protocol === 'file:') return await openAdapter(url);
  const { sayingWhyItWaits } = await import('../output/waiting-storage');
  return sayingWhyItWaits(await openAdapter(url), terminal);
}

/** Opens the storage behind a URL for a command that also stores. */
export async function openWritableStorage(url: URL, terminal: Terminal): Promise<ObjectReader & ObjectWriter> {
  const storage = await openAdapter(url);
  const { sayingWhyItWaits } = await import('../output/waiting-storage');
  return { ...sayingWhyItWaits(storage, terminal), put: (key, body, options) => storage.put(key, body, options) };
}

async function openAdapter(url: URL): Promise<ObjectReader & ObjectWriter> {
  if (url.protocol === 'file:') return new (await import('@ceres/storage')).LocalStorage(fileURLToPath(url));
  if (url.protocol === 'gs:') return (await import('@ceres/storage-gcs')).fromUrl(url);
  if (url.protocol === 's3:') return (await import('@ceres/storage-s3')).fromUrl(url);
  return (await loadAdapter(`@ceres/storage-${url.protocol.slice(0, -1)}`, url)).fromUrl(url);
}

interface Adapter {
  fromUrl(url: URL): ObjectReader & ObjectWriter;
}

async function loadAdapter(name: string, url: URL): Promise<Adapter> {
  try {
    return await import(name);
  } catch (cause) {
    const message = `Cannot load the storage adapter for ${url.protocol}// URLs. Run: npm install ${name}`;
    throw new CliError('INVALID_OPTIONS', message, { cause });
  }
}
