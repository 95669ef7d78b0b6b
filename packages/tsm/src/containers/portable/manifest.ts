import { damaged } from '../../errors';
import { safeName } from '../archive/read-tar';

/** The archive of one shard, as a manifest names it. */
export interface ManifestFile {
  readonly database: string;
  readonly policy: string;
  readonly shardID: number;
  readonly fileName: string;
  /** The size of the tar before it is compressed. */
  readonly size: number;
  /** The time of its last change, ns since 1970, as a double; 0 or left out in what influxd writes. */
  readonly lastModified?: number;
}

/** The list of a portable backup: `<stamp>.manifest`, in JSON. The names are InfluxDB's. */
export interface Manifest {
  readonly meta: { readonly fileName: string; readonly size: number };
  /** True if the backup is of one database, policy or shard, or of a range of times. */
  readonly limited: boolean;
  readonly files: readonly ManifestFile[];
}

/** Returns a manifest as InfluxDB writes it. `lastModifiedMs` decides which of several archives of one shard counts. */
export function formatManifest({ meta, limited, files }: Manifest, lastModifiedMs: number): string {
  const lastModified = lastModifiedMs * 1_000_000;
  const entries = files.map(({ database, policy, shardID, fileName, size }) => {
    return { database, policy, shardID, fileName, size, lastModified };
  });
  const { fileName, size } = meta;
  return JSON.stringify({ meta: { fileName, size }, limited, files: entries });
}

/**
 * Reads a manifest.
 *
 * @throws TsmError `DAMAGED`, `UNSAFE_NAME`
 */
export function parseManifest(text: string): Manifest {
  let json: Partial<Manifest> | null;
  try {
    json = JSON.parse(text) as Partial<Manifest> | null;
  } catch (error) {
    throw damaged('It is not JSON', error);
  }
  const { meta, files, limited } = json ?? {};
  if (typeof meta?.fileName !== 'string' || !(files === null || Array.isArray(files))) {
    throw damaged('It names no metadata or no files');
  }
  safeName(fileName(meta.fileName));
  for (const file of files ?? []) checkFile(file);
  return { meta, limited: limited === true, files: files ?? [] };
}

function checkFile(file: Partial<ManifestFile> | null): void {
  const { database, policy, shardID, size, lastModified } = file ?? {};
  const isGood =
    typeof database === 'string' &&
    typeof policy === 'string' &&
    Number.isSafeInteger(shardID) &&
    (shardID as number) > 0 &&
    Number.isSafeInteger(size) &&
    (lastModified === undefined || typeof lastModified === 'number') &&
    (size as number) >= 0;
  if (!isGood) throw damaged(`It has an entry that cannot be read: ${shown(file)}`);
  safeName(fileName(file?.fileName));
}

function fileName(name: unknown): string {
  if (typeof name === 'string' && !name.includes('/')) return name;
  throw damaged(`It names a file ${shown(name)}, which is not in its folder`);
}

/** Returns the start of a value as JSON, without what is nested in it: a million levels would not fit on the stack. */
function shown(value: unknown): string {
  const flat = (inner: unknown) => (typeof inner === 'object' && inner !== null ? '…' : inner);
  const json = JSON.stringify(
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, flat(inner)]))
      : value,
  );
  return String(json).slice(0, 200);
}
