import { fileURLToPath } from 'node:url';
import { LocalStorage, type ObjectReader, StorageError } from '@ceres/storage';
import { InvalidArgumentError } from 'commander';

/** Parses the argument STORAGE-URL; a plain path is refused with the URL that was meant. */
export function parseStorageUrl(text: string): URL {
  if (!URL.canParse(text)) {
    const meant = text.startsWith('/') ? ` Did you mean file://${text}?` : '';
    throw new InvalidArgumentError(`'${text}' is no URL such as file:///dir or gs://bucket/prefix.${meant}`);
  }
  return new URL(text);
}

/**
 * The storage behind a URL. `file:` is built in; any other scheme is the package `@ceres/storage-<scheme>`
 * (for `gs:` it is `@ceres/storage-gcs`), loaded only now.
 */
export async function openStorage(url: URL): Promise<ObjectReader> {
  if (url.protocol === 'file:') return new LocalStorage(fileURLToPath(url));
  if (url.protocol === 'gs:') return (await import('@ceres/storage-gcs')).fromUrl(url);
  const name = `@ceres/storage-${url.protocol.slice(0, -1)}`;
  return (await loadAdapter(name, url)).fromUrl(url);
}

interface Adapter {
  fromUrl(url: URL): ObjectReader;
}

async function loadAdapter(name: string, url: URL): Promise<Adapter> {
  try {
    return await import(name);
  } catch (cause) {
    throw new StorageError(
      'INVALID_OPTIONS',
      `No storage adapter for ${url.protocol}// is installed; try: npm install ${name}`,
      {
        cause,
      },
    );
  }
}
