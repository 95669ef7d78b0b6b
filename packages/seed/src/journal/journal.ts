import { type FileHandle, open, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { ifExists, nodeFileSystem, syncDirectory, writeAll } from '@ceres/internal';
import { SeedError } from '../errors';
import type { DoneShard, JournalHeader, JournalShard, SeedIdentity } from './entries';

/** The other lines of a journal, in the order in which they became true. */
type Entry =
  /** A name was issued: no other file may have this number. */
  | { readonly number: number }
  | { readonly done: DoneShard }
  /** A file of this shard is not what was put: it is read once more. */
  | { readonly redo: JournalShard }
  | { readonly finished: number };

/** Keeps what a seed has done, one JSON object a line. Each line is fsynced before anything relies on it, and the file only grows. */
export class Journal {
  readonly header: JournalHeader;
  readonly #handle: FileHandle;
  readonly #done = new Map<string, DoneShard>();
  #nextNumber: number;
  #finishedMs: number | undefined;
  /** Lines are written one after the other. */
  #last: Promise<void> = Promise.resolve();

  private constructor(header: JournalHeader, handle: FileHandle) {
    this.header = header;
    this.#handle = handle;
    this.#nextNumber = header.firstNumber;
  }

  /** Begins a journal. One that is there is replaced. */
  static async begin(path: string, folder: string, header: JournalHeader): Promise<Journal> {
    const handle = await open(path, 'w');
    const journal = new Journal(header, handle);
    await journal.#write(header);
    await syncDirectory(nodeFileSystem, folder);
    return journal;
  }

  /**
   * Opens a journal to go on; `undefined` if there is none.
   *
   * @throws SeedError `WORK_FOLDER` if it is that of another seed, or cannot be understood
   */
  static async resume(path: string, identity: SeedIdentity): Promise<Journal | undefined> {
    const text = await ifExists(readFile(path, 'utf8'));
    // A last line without its end was cut by a crash: nothing relied on it.
    const lines =
      text
        ?.slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .slice(0, -1) ?? [];
    if (text === undefined || lines.length === 0) return undefined;
    const [header, ...entries] = lines.map((line) => parse(line, path));
    if (!isHeader(header)) throw damaged(path);
    if (!isDeepStrictEqual(header.identity, identity)) {
      throw new SeedError(
        'WORK_FOLDER',
        `The journal ${path} is that of another seed: of '${header.identity.instance}', from ${header.identity.source}, or with another selection. Use another folder with workDir (--work-dir), or remove this one to give that seed up.`,
      );
    }
    const end = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));
    const handle = await open(path, 'r+');
    await handle.truncate(end);
    const journal = new Journal(header, await appending(handle, path));
    for (const entry of entries) journal.#take(entry as Entry);
    return journal;
  }

  get finishedMs(): number | undefined {
    return this.#finishedMs;
  }

  /** The shards that are done, in the order in which they were. */
  get done(): readonly DoneShard[] {
    return [...this.#done.values()];
  }

  isDone(shard: JournalShard): boolean {
    return this.#done.has(nameOf(shard));
  }

  /** Issues the number of the next file. No file ever gets it again, whatever happens after this. */
  async issue(): Promise<number> {
    const number = this.#nextNumber;
    await this.#add({ number });
    return number;
  }

  async finishShard(done: DoneShard): Promise<void> {
    await this.#add({ done });
  }

  async redo({ database, retentionPolicy, id }: JournalShard): Promise<void> {
    await this.#add({ redo: { database, retentionPolicy, id } });
  }

  async finish(ms: number): Promise<void> {
    await this.#add({ finished: ms });
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined); // the call that wrote the line has reported it
    await this.#handle.close();
  }

  async #add(entry: Entry): Promise<void> {
    this.#take(entry);
    await this.#write(entry);
  }

  #take(entry: Entry): void {
    if ('number' in entry) this.#nextNumber = Math.max(this.#nextNumber, entry.number + 1);
    else if ('done' in entry) this.#done.set(nameOf(entry.done.shard), entry.done);
    else if ('redo' in entry) this.#done.delete(nameOf(entry.redo));
    else if ('finished' in entry) this.#finishedMs = entry.finished;
  }

  #write(line: unknown): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line, withBigints)}\n`);
    this.#last = this.#last.then(async () => {
      await writeAll(this.#handle, bytes);
      await this.#handle.datasync();
    });
    return this.#last;
  }
}

async function appending(handle: FileHandle, path: string): Promise<FileHandle> {
  await handle.sync();
  await handle.close();
  return await open(path, 'a');
}

function nameOf({ database, retentionPolicy, id }: JournalShard): string {
  return JSON.stringify([database, retentionPolicy, id]);
}

function isHeader(value: unknown): value is JournalHeader {
  return typeof value === 'object' && value !== null && (value as JournalHeader).seed === 1;
}

/** JSON has no whole numbers of 64 bits: they stand as texts that end in `n`. */
function withBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function parse(line: string, path: string): unknown {
  try {
    return JSON.parse(line, (name, value) =>
      (name === 'firstNs' || name === 'lastNs') && typeof value === 'string' ? BigInt(value.slice(0, -1)) : value,
    );
  } catch {
    throw damaged(path);
  }
}

function damaged(path: string): SeedError {
  return new SeedError(
    'WORK_FOLDER',
    `The journal ${path} cannot be understood: it was altered, or a later version wrote it. Remove the folder, and seed from the start.`,
  );
}
