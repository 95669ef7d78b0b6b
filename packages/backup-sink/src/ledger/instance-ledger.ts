import { ifExists } from '@ceres/internal';
import type { SegmentDisk } from '../spool/segment/segment-file';
import { DayLog } from './log/day-log';
import type { Mark } from './log/mark';

/** The entries that a spool keeps for an instance: some 300 MB. The heartbeat of a whole day makes room, if the storage takes it. */
const entriesMax = 1_000_000;

const logName = /^(\d{8})-(\d{1,9})$/;

/** What a sink knows of the files that it stored for one instance, and how far heartbeats have said so. */
export class InstanceLedger {
  readonly instance: string;
  readonly #disk: SegmentDisk;
  readonly #directory: string;
  readonly #onFault: (error: unknown) => void;
  /** The oldest day first. */
  #days: DayLog[] = [];
  #previous: string | undefined;
  /** Files that were stored and could not be recorded since the last heartbeat. */
  unnamed = 0;
  /** What the last heartbeat said is stored; the epoch before the first of this run. */
  storedUpToMs = 0;

  /** @param onFault takes what the disk failed with where the ledger goes on without */
  constructor(disk: SegmentDisk, directory: string, instance: string, onFault: (error: unknown) => void) {
    this.#onFault = onFault;
    this.#disk = disk;
    this.#directory = directory;
    this.instance = instance;
  }

  /** The id of the last heartbeat that the storage has; `undefined` before the first. */
  get previous(): string | undefined {
    return this.#previous;
  }

  /** The newest day of which there is anything; `undefined` in a new ledger. */
  get newestDay(): string | undefined {
    return this.#days.at(-1)?.day;
  }

  /** Reads what earlier runs recorded. What cannot be read is reported, and not named. */
  async load(): Promise<void> {
    const names = (await ifExists(this.#disk.fs.readdir(this.#directory))) ?? [];
    const found = names.flatMap((name) => {
      const [, day, number] = logName.exec(name) ?? [];
      return day === undefined ? [] : [{ name, day, number: Number(number) }];
    });
    found.sort((a, b) => (a.day === b.day ? a.number - b.number : a.day < b.day ? -1 : 1));
    for (const { name, day, number } of found) {
      try {
        for await (const mark of this.today(day).load(name, number)) await this.#apply(mark);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  /** Records a stored file; durable when it resolves. @throws the file system's error: then memory keeps the entry, and the next heartbeat names it */
  async record(entry: string, day: string): Promise<void> {
    const log = this.today(day);
    await this.#makeRoom(log);
    if (log.isFull || this.#count() >= entriesMax) this.unnamed += 1;
    else await log.append(entry);
  }

  /** Returns the log of a day, or that of a later one if there is any: a day that is over takes nothing more. */
  today(day: string): DayLog {
    const newest = this.#days.at(-1);
    if (newest !== undefined && newest.day >= day) return newest;
    const log = new DayLog(this.#disk, this.#directory, day);
    this.#days.push(log);
    return log;
  }

  /** Returns the logs of the days before this one, which are to be restated. */
  before(day: string): readonly DayLog[] {
    return this.#days.filter((log) => log.day < day);
  }

  /** A heartbeat that names the entries of a log before `end` is in the storage. */
  async named(id: string, log: DayLog, end: number): Promise<void> {
    this.#previous = id;
    log.nameUpTo(end);
    await this.today(log.day).note({ heartbeat: id, day: log.day, named: end });
  }

  /** The heartbeats of a whole day are in the storage: the spool may forget it. */
  async restated(id: string, log: DayLog, today: string): Promise<void> {
    this.#previous = id;
    const newest = this.today(today);
    this.#days = this.#days.filter((other) => other !== log);
    await newest.note({ heartbeat: id, day: log.day, named: 'all' }).finally(() => log.remove());
  }

  /** Resolves when the disk is left alone. */
  async idle(): Promise<void> {
    for (const log of this.#days) await log.idle();
  }

  /** Gives up the oldest days, for which the storage takes no heartbeat. */
  async #makeRoom(today: DayLog): Promise<void> {
    while (this.#count() >= entriesMax) {
      const [oldest] = this.#days;
      if (oldest === undefined || oldest === today) return;
      this.#days.shift();
      this.unnamed += oldest.count - oldest.named;
      await oldest.remove().catch(this.#onFault);
    }
  }

  #count(): number {
    return this.#days.reduce((sum, { count }) => sum + count, 0);
  }

  async #apply({ heartbeat, day, named }: Mark): Promise<void> {
    this.#previous = heartbeat;
    const log = this.#days.find((one) => one.day === day);
    if (named !== 'all') return log?.nameUpTo(named);
    this.#days = this.#days.filter((one) => one !== log);
    await log?.remove();
  }
}
