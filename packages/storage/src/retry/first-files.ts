import type { ObjectReader } from '../contract';
import { heartbeatFolder, parseHeartbeatKey } from '../heartbeat/heartbeat-key';
import { type KeyParts, parseKey } from '../keys/format-key';
import { type RetryOptions, retry } from './retry';

/**
 * Returns the parts of the first backup file in each folder right below a prefix. Lists little more than these: behind the first file of a
 * folder it goes on with the next folder.
 *
 * @param prefix `''`, or one that ends in `/`
 * @throws StorageError once retrying has not helped
 */
export async function firstFiles(
  reader: ObjectReader,
  prefix: string,
  options: RetryOptions = {},
): Promise<readonly KeyParts[]> {
  return await firstInFolders(reader, prefix, parseFile, options);
}

/**
 * Returns the names of the servers that a backup has a file or a ledger of, sorted.
 *
 * @throws StorageError once retrying has not helped
 */
export async function listInstances(reader: ObjectReader, options: RetryOptions = {}): Promise<readonly string[]> {
  const files = await firstInFolders(reader, '', parseFile, options);
  const ledgers = await firstInFolders(reader, `${heartbeatFolder}/`, parseHeartbeatKey, options);
  return [...new Set([...files, ...ledgers].map(({ instance }) => instance))].sort();
}

function parseFile(key: string): KeyParts | undefined {
  const parts = parseKey(key);
  return parts?.quarantine ? undefined : parts;
}

async function firstInFolders<T>(
  reader: ObjectReader,
  prefix: string,
  parse: (key: string) => T | undefined,
  options: RetryOptions,
): Promise<T[]> {
  const found: T[] = [];
  let startAfter: string | undefined;
  const next = async (signal: AbortSignal) => {
    for await (const { key } of reader.list(prefix, { signal, ...(startAfter !== undefined && { startAfter }) })) {
      if (prefix === '' && key.startsWith('~')) return undefined; // no instance sorts behind what is our own
      const parsed = parse(key);
      if (parsed !== undefined) return { folder: key.slice(0, key.indexOf('/', prefix.length)), parsed };
    }
    return undefined;
  };
  for (;;) {
    const first = await retry(next, options);
    if (first === undefined) return found;
    found.push(first.parsed);
    startAfter = `${first.folder}0`; // the character after `/`
  }
}
