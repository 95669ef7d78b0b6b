import { fileURLToPath } from 'node:url';
import { LocalStorage, type ObjectReader } from '@ceres/storage';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors';
import { sayingWhyItWaits } from '../output/waiting-storage';
import type { Terminal } from '../terminal';

/** Adds the argument STORAGE-URL, which every command takes. */
export function withStorage(command: Command): Command {
  return command.argument('<storage-url>', 'the backup, such as file:///dir or gs://bucket/prefix', parseStorageUrl);
}

/** Parses a STORAGE-URL. A plain path is refused with the URL that was meant. */
export function parseStorageUrl(text: string): URL {
  if (!URL.canParse(text)) {
    const meant = text.startsWith('/') ? ` Did you mean file://${text}?` : '';
    throw new InvalidArgumentError(`Expected a URL, such as file:///dir or gs://bucket/prefix.${meant}`);
  }
  return new URL(text);
}

/**
 * Opens the storage behind a URL. `file:` is built in; any other scheme is the package `@ceres/storage-<scheme>`
 * (`@ceres/storage-gcs` for `gs:`), which is loaded only now, and says on stderr why it does not answer.
 */
export async function openStorage(url: URL, terminal: Terminal): Promise<ObjectReader> {
  if (url.protocol === 'file:') return new LocalStorage(fileURLToPath(url));
  if (url.protocol === 'gs:') return sayingWhyItWaits((await import('@ceres/storage-gcs')).fromUrl(url), terminal);
  const name = `@ceres/storage-${url.protocol.slice(0, -1)}`;
  return sayingWhyItWaits((await loadAdapter(name, url)).fromUrl(url), terminal);
}

interface Adapter {
  fromUrl(url: URL): ObjectReader;
}

async function loadAdapter(name: string, url: URL): Promise<Adapter> {
  try {
    return await import(name);
  } catch (cause) {
    const message = `Cannot load the storage adapter for ${url.protocol}// URLs. Run: npm install ${name}`;
    throw new CliError('INVALID_OPTIONS', message, { cause });
  }
}
