import { constants, type FileHandle, open, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { errnoOf, remedyOf } from '@ceres/internal';
import { parseKey } from '@ceres/storage';
import { RestoreError } from '../errors';
import { completeLines } from './complete-lines';
import { type DoneFile, DoneFiles, type DoneList } from './done-files';
import { syncFolder } from './durable-folders';
import type { JournalEntry, JournalHeader, JournalIdentity } from './journal-entry';
import { type LoadEntry, LoadRecord } from './load-record';
import { formatSetAside, parseSetAside } from './set-aside';

const loadNames = ['counted', 'loading', 'type', 'upload', 'loaded'];

/**
 * Keeps what a restore has done, as one JSON object per line. Each line is fsynced before anything relies on it, and the
 * file only grows.
 *
 * A file's line follows those of all files before it in its order unit. So it is always right to replay from the first
 * file of a database without a line.
 */
export class Journal {
  readonly path: string;
  readonly done = new DoneFiles();
  /** What a native restore has loaded. */
  loads = new LoadRecord();
  #handle: FileHandle | undefined;
  #header: JournalHeader | undefined;
  #shardsToDrop: readonly number[] | undefined;
  #wiped = false;
  #finished = false;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Reads a journal, if there is one; creates nothing yet.
   *
   * @param access `'look'` changes nothing and needs no lock: another restore may be using the journal
   * @throws RestoreError `JOURNAL_MISMATCH`
   */
  static async open(path: string, identity: JournalIdentity, access: 'resume' | 'look' = 'resume'): Promise<Journal> {
    const journal = new Journal(resolve(path));
    try {
      await journal.#read(access);
      if (journal.#header !== undefined) await journal.#refuseOthers(journal.#header, identity);
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** The first line; `undefined` before `begin`. */
  get header(): JournalHeader | undefined {
    return this.#header;
  }

  /** The shards that a wipe has to drop; some may be dropped already. `undefined` if there is nothing to drop. */
  get shardsToDrop(): readonly number[] | undefined {
    return this.#wiped ? undefined : this.#shardsToDrop;
  }

  get hasWipe(): boolean {
    return this.#shardsToDrop !== undefined;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Forgets all that the journal holds, so that a new one takes its place with `begin`. */
  async startOver(): Promise<void> {
    await this.close();
    this.done.clear();
    this.loads = new LoadRecord();
    this.#header = undefined;
    this.#shardsToDrop = undefined;
    this.#wiped = false;
    this.#finished = false;
  }

  /** Creates the journal, once nothing can refuse the restore any more and before anything is changed. */
  async begin(header: JournalHeader): Promise<void> {
    await this.#orMismatch('created', async () => {
      // Never its folder, which was there when the journal was locked: its volume may have been unmounted since.
      // It is renamed once it is whole, so that a journal always has its first line.
      const unfinished = `${this.path}.tmp`;
      this.#handle = await open(unfinished, 'w');
      await this.#append(header);
      await rename(unfinished, this.path);
      await syncFolder(dirname(this.path));
    });
    this.#takeHeader(header);
  }

  /** Notes that the shards of the wipe are dropped. */
  async wiped(): Promise<void> {
    await this.#write({ wiped: true });
  }

  /** Returns the files of the database on the server that a file goes into, as far as they are done or set aside. */
  doneBeside(key: string): DoneList {
    return this.done.of(this.#databaseOf(key));
  }

  /** Notes that of the files that go into the same database as this one, only the first `length` still count as done. */
  async rewind(key: string, length: number): Promise<void> {
    await this.#write({ rewind: length, of: this.#databaseOf(key) });
  }

  /** Adds files that are done or set aside, in replay order. All files before them must be. */
  async add(files: readonly DoneFile[]): Promise<void> {
    await this.#write(
      ...files.map(({ key, damage, ...rest }) => (damage ? formatSetAside(key, damage) : { done: key, ...rest })),
    );
  }

  /** Notes what a native restore has done, in this order. */
  async load(...entries: readonly LoadEntry[]): Promise<void> {
    await this.#write(...entries);
  }

  /** Notes that the whole plan is done. */
  async finish(): Promise<void> {
    await this.#write({ finished: true });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #write(...entries: readonly JournalEntry[]): Promise<void> {
    await this.#orMismatch('written', () => this.#append(...entries));
    for (const entry of entries) this.#apply(entry);
  }

  async #append(...lines: readonly object[]): Promise<void> {
    if (this.#handle === undefined) throw new Error('the journal was not begun');
    await this.#handle.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await this.#handle.datasync();
  }

  async #read(access: 'resume' | 'look'): Promise<void> {
    try {
      const flags = access === 'look' ? constants.O_RDONLY : constants.O_RDWR | constants.O_APPEND;
      this.#handle = await open(this.path, flags);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw this.#unusable('opened', error);
    }
    let end = 0;
    for await (const { text, endBytes } of completeLines(this.#handle)) {
      this.#load(text);
      end = endBytes;
    }
    if (this.#header === undefined && (await this.#handle.stat()).size > 0) throw this.#mismatch('is not a journal');
    // A line that a kill cut off never counted.
    if (access === 'resume') await this.#handle.truncate(end);
  }

  #load(line: string): void {
    let parsed: JournalHeader | JournalEntry;
    try {
      parsed = JSON.parse(line);
    } catch (error) {
      throw this.#mismatch(`holds a line that is not JSON: ${line.slice(0, 100)}`, error);
    }
    if (this.#header !== undefined) this.#apply(parsed as JournalEntry);
    else if ('journal' in parsed && parsed.journal === 1) this.#takeHeader(parsed);
    else throw this.#mismatch('is not a journal of this version');
  }

  #takeHeader(header: JournalHeader): void {
    this.#header = header;
    this.#shardsToDrop = header.wipe;
  }

  #apply(entry: JournalEntry): void {
    if ('done' in entry) this.doneBeside(entry.done).add({ ...entry, key: entry.done });
    else if ('setAside' in entry) this.doneBeside(entry.setAside).add(parseSetAside(entry));
    else if ('rewind' in entry) this.#rewind(entry);
    else if ('wipe' in entry) this.#shardsToDrop = entry.wipe;
    else if ('wiped' in entry) this.#wiped = true;
    else if ('finished' in entry) this.#finished = true;
    else if (loadNames.some((name) => name in entry)) this.loads.apply(entry);
    else throw this.#mismatch(`holds an unknown line: ${JSON.stringify(entry).slice(0, 100)}`);
  }

  #rewind({ rewind, of }: Extract<JournalEntry, { rewind: number }>): void {
    if (of !== undefined) this.done.of(of).truncate(rewind);
    else this.done.clear(); // it counted the files of all databases: replaying all of them is always right
  }

  /** Returns the database on the server that a file goes into. */
  #databaseOf(key: string): string {
    const database = parseKey(key)?.database ?? '';
    return this.#header?.mapDatabase[database] ?? database;
  }

  /** Refuses the journal of another restore, unless that has finished: then it is started over. */
  async #refuseOthers(header: JournalHeader, identity: JournalIdentity): Promise<void> {
    for (const [name, ours] of Object.entries(identity)) {
      const theirs = header[name as keyof JournalIdentity];
      if (isDeepStrictEqual(theirs, ours)) continue;
      if (this.#finished) return await this.startOver();
      const difference = `${name} ${JSON.stringify(theirs)} instead of ${JSON.stringify(ours)}`;
      throw this.#mismatch(`belongs to another restore (${difference})`);
    }
  }

  async #orMismatch(doing: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw this.#unusable(doing, error);
    }
  }

  #unusable(doing: string, error: unknown): RestoreError {
    const what = `The journal ${this.path} cannot be ${doing} (${(error as Error).message}).`;
    const message = `${what} ${remedyOf(error)}, or choose another file with journalFile (--journal-file).`;
    return new RestoreError('JOURNAL_MISMATCH', message, { cause: error });
  }

  #mismatch(what: string, cause?: unknown): RestoreError {
    const message = `The journal ${this.path} ${what}. Use the options it began with, or another journal to start over.`;
    return new RestoreError('JOURNAL_MISMATCH', message, { cause });
  }
}
