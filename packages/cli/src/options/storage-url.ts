import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import { type Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../terminal';
import { collectStoragePackage, loadAdapter } from './storage-packages';

/** Adds the argument STORAGE-URL, and the option for an adapter that is not ours. */
export function withStorage(command: Command): Command {
  return command
    .argument(
      '[storage-url]',
      'the backup: a folder, or a URL such as gs://bucket/prefix (default: CERES_STORAGE)',
      parseStorageUrl,
    )
    .option(
      '--storage-package <name>',
      'the package that opens URLs of other schemes; SCHEME=NAME: of this scheme (default: CERES_STORAGE_PACKAGES; repeatable)',
      collectStoragePackage,
    );
}

/** Parses a STORAGE-URL, or the path of a folder. Whatever a URL would drop without a word is refused. */
export function parseStorageUrl(text: string): URL {
  if (isPath(text)) return pathToFileURL(text);
  if (!URL.canParse(text)) throw new InvalidArgumentError(`Expected ${expected}.`);
  // What stands after "?" is for the adapter, which refuses what it does not know. A folder and Google have nothing there.
  const lost = /^(?:file|gs):/i.test(text) ? /[?#]|^\s|\s$|[\t\n\r]/ : /#|^\s|\s$|[\t\n\r]/;
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
 * Opens the storage behind a URL. `file:` is built in; for any other scheme, a package is loaded now, so that `--help` does not wait for
 * it. The storage says on stderr why it does not answer.
 */
export async function openStorage(url: URL, terminal: Terminal): Promise<ObjectReader> {
  const storage = await openAdapter(url, terminal);
  if (url.protocol === 'file:') return storage;
  const { sayingWhyItWaits } = await import('../output/waiting-storage');
  return sayingWhyItWaits(storage, terminal);
}

/** Opens the storage behind a URL for a command that also stores. */
export async function openWritableStorage(url: URL, terminal: Terminal): Promise<ObjectReader & ObjectWriter> {
  const storage = await openAdapter(url, terminal);
  const { sayingWhyItWaits } = await import('../output/waiting-storage');
  return { ...sayingWhyItWaits(storage, terminal), put: (key, body, options) => storage.put(key, body, options) };
}

/** Opens the storage behind a URL as its adapter makes it. */
export async function openAdapter(url: URL, terminal: Terminal): Promise<ObjectReader & ObjectWriter> {
  if (url.protocol === 'file:') return new (await import('@ceres/storage')).LocalStorage(fileURLToPath(url));
  return (await loadAdapter(url, terminal)).fromUrl(url);
}
