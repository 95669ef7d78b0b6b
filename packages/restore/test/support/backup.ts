import { encodeFile, type FileHeader, LineSummarizer } from '@ceres/lineproto';
import { formatKey, MemoryStorage, type ObjectBody, type ObjectWriter } from '@ceres/storage';

/** A file of a test's backup. */
export interface BackupFile {
  readonly instance?: string;
  readonly database: string;
  readonly retentionPolicy?: string;
  /** When the file was opened, ms since the epoch. Its name and day follow from it. */
  readonly openedMs: number;
  /** Text, or bytes that need not be UTF-8. */
  readonly lines: string | Uint8Array;
  readonly header?: Partial<FileHeader>;
  /** Replaces the content that `lines` and `header` make. */
  readonly gz?: Uint8Array;
  /** Replaces the name that `openedMs` makes. */
  readonly id?: string;
}

/** Returns a version 7 UUID of that moment; `tail` distinguishes files of one millisecond. */
export function uuidV7(ms: number, tail = 0): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail.toString(16).padStart(12, '0')}`;
}

export function keyOf({ instance = 'src', database, retentionPolicy = '', openedMs, id, header }: BackupFile): string {
  const day = new Date(openedMs).toISOString().slice(0, 10).replaceAll('-', '');
  const mixed = header?.mixed !== undefined;
  return formatKey({ instance, database, retentionPolicy, day, id: id ?? uuidV7(openedMs), mixed });
}

export function headerOf({ instance = 'src', database, retentionPolicy = '', lines, header }: BackupFile): FileHeader {
  const summary = new LineSummarizer();
  summary.add(bytesOf(lines));
  const found = summary.finish().summary;
  return {
    database,
    retentionPolicy,
    formatVersion: 1,
    instance,
    precision: 's',
    ...(found && { summary: found }),
    ...header,
  };
}

const bytesOf = (lines: string | Uint8Array) => (typeof lines === 'string' ? Buffer.from(lines) : lines);

export async function gzOf(file: BackupFile): Promise<Buffer> {
  if (file.gz) return Buffer.from(file.gz);
  const chunks: Uint8Array[] = [];
  const lines = (async function* () {
    yield bytesOf(file.lines);
  })();
  for await (const chunk of encodeFile(headerOf(file), lines)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Puts files as the sink would, and returns their keys. */
export async function putFiles(storage: ObjectWriter, files: readonly BackupFile[]): Promise<string[]> {
  const keys: string[] = [];
  for (const file of files) {
    const gz = await gzOf(file);
    const key = keyOf(file);
    await storage.put(key, bodyOf(gz));
    keys.push(key);
  }
  return keys;
}

export async function backupOf(...files: BackupFile[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await putFiles(storage, files);
  return storage;
}

function bodyOf(bytes: Uint8Array): ObjectBody {
  return {
    sizeBytes: bytes.byteLength,
    open: async function* () {
      yield bytes;
    },
  };
}
