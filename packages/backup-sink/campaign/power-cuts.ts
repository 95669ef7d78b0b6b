import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { BackupSink, SinkError } from '@ceres/backup-sink';
import { MemoryStorage, type ObjectBody } from '@ceres/storage';
import { randomFrom } from '@ceres/testkit';
import { DiskWithoutJournal } from './power-cuts/disk-without-journal';

/** The number of cuts before a new disk is made: the directories of one disk only grow. */
const cutsPerDisk = 10;
/** Each has a directory of its own, in which at most one file is renamed at a time. */
const databases = Array.from({ length: 12 }, (_, n) => `db${n}`);

/**
 * `npm run faults -- --power-cuts N --seed S`: lets a sink write onto ext4 without a journal, cuts the power at N random moments, and lets
 * another sink drain what fsck leaves of each. Every line that was acked before the cut must be in the spool then, or in the bucket.
 *
 * The bucket takes a second for each file, far longer than a cut takes: a line that the cut lost cannot get there unnoticed.
 */
export async function run(count: number, seed: number): Promise<boolean> {
  const random = randomFrom(seed);
  const sums = { cuts: 0, ackedLines: 0, lostLines: 0, orphans: 0 };
  let disk = await firstDisk();
  if (disk === undefined) return true;
  while (sums.cuts < count) {
    disk ??= await DiskWithoutJournal.mount();
    const found = await cutRepeatedly(disk, Math.min(cutsPerDisk, count - sums.cuts), random);
    disk = undefined;
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += found[key];
    console.error(`${sums.cuts} power cuts, ${sums.lostLines} lines lost`);
  }
  console.log(`seed: ${seed}`);
  console.log(`power cuts: ${sums.cuts}`);
  console.log(`lines acked before a cut: ${sums.ackedLines}`);
  console.log(`files without a name after fsck: ${sums.orphans}`);
  console.log(`lines lost: ${sums.lostLines}`);
  return sums.lostLines === 0;
}

/** Resolves with `undefined` where none can be mounted, and says why. */
async function firstDisk(): Promise<DiskWithoutJournal | undefined> {
  try {
    return await DiskWithoutJournal.mount();
  } catch (error) {
    const needs = 'needs root, loop devices, mkfs.ext4, and mkfs.btrfs (package btrfs-progs)';
    console.log(`SKIPPED: cutting the power of a real file system ${needs}: ${asError(error).message.trim()}`);
    return undefined;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Cuts the power of a disk `count` times, and removes it. */
async function cutRepeatedly(disk: DiskWithoutJournal, count: number, random: () => number) {
  const sums = { cuts: 0, ackedLines: 0, lostLines: 0, orphans: 0 };
  try {
    const writer = await Writer.start(`${disk.path}/spool`);
    try {
      for (; sums.cuts < count; sums.cuts += 1) {
        writer.resume();
        await pause(200 + random() * 400);
        const acked = [...writer.acked];
        const image = await disk.cut();
        const stored = await writer.stored();
        await writer.pause();
        const { kept, orphans } = await disk.inspect(image, async (cut) => ({
          kept: await drain(`${cut.path}/spool`, stored.keys),
          orphans: cut.orphans,
        }));
        const lost = acked.filter((line) => !kept.lines.has(line) && !stored.lines.has(line));
        if (lost.length > 0)
          console.log(`FAILED: cut ${sums.cuts + 1} lost ${lost.length} lines: ${lost.slice(0, 10)}`);
        sums.ackedLines += acked.length;
        sums.lostLines += lost.length;
        sums.orphans += orphans;
      }
    } finally {
      await writer.stop();
    }
  } finally {
    await disk.remove();
  }
  return sums;
}

/** The keys of a bucket, and the numbers of the lines under them. */
interface Content {
  readonly keys: ReadonlySet<string>;
  readonly lines: ReadonlySet<number>;
}

/** A bucket that takes its time. */
class SlowStorage extends MemoryStorage {
  override async put(key: string, body: ObjectBody): Promise<'created' | 'exists'> {
    await pause(1_000);
    return await super.put(key, body);
  }
}

/** Names that fill several blocks of each directory, so that the two names of a rename mostly stand in two of them. */
const fillersPerDirectory = 300;

/** Writes at full speed into all partitions, a few lines to a file. */
class Writer {
  readonly acked: number[] = [];
  readonly #sink: BackupSink;
  readonly #storage: SlowStorage;
  #isWriting = false;
  #next = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(sink: BackupSink, storage: SlowStorage) {
    this.#sink = sink;
    this.#storage = storage;
  }

  static async start(spoolDir: string): Promise<Writer> {
    const storage = new SlowStorage();
    for (const database of databases) await fill(`${spoolDir}/i/${database}/rp`);
    const sink = await open(spoolDir, storage);
    return new Writer(sink, storage);
  }

  async stored(): Promise<Content> {
    return await contentOf(this.#storage);
  }

  resume(): void {
    this.#isWriting = true;
    this.#writing = Promise.all(Array.from({ length: databases.length }, (_, n) => this.#write(n)));
  }

  /** Waits for the writes in progress; what is acked by then goes on its way to the bucket. */
  async pause(): Promise<void> {
    this.#isWriting = false;
    await this.#writing;
  }

  async stop(): Promise<void> {
    await this.pause();
    await this.#sink.close({ timeoutMs: 0 });
  }

  async #write(writer: number): Promise<void> {
    while (this.#isWriting) {
      const n = this.#next++;
      const line = `m l=${n}i,text="${'x'.repeat(200)}" ${1_700_000_000 + n}\n`;
      await this.#sink.write(
        { instance: 'i', database: databases[writer] as string, retentionPolicy: 'rp' },
        { lines: line, precision: 's' },
      );
      this.acked.push(n);
    }
  }
}

async function fill(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (let n = 0; n < fillersPerDirectory; n += 1)
    await writeFile(join(directory, `filler-${'x'.repeat(60)}-${n}`), '');
}

async function open(spoolDir: string, storage: MemoryStorage): Promise<BackupSink> {
  return await BackupSink.open({
    spoolDir,
    storage,
    precision: 's',
    segmentBytesMax: 1_024,
    uploadConcurrency: 256,
    gzipLevel: 1,
  });
}

/** The bucket as the sink after the cut finds it: names that are taken stay so. */
class BucketAfter extends MemoryStorage {
  readonly #taken: ReadonlySet<string>;

  constructor(taken: ReadonlySet<string>) {
    super();
    this.#taken = taken;
  }

  override async put(key: string, body: ObjectBody): Promise<'created' | 'exists'> {
    return this.#taken.has(key) ? 'exists' : await super.put(key, body);
  }
}

/**
 * Opens a sink on what a cut left, and returns what it stores. Without a journal, a name whose removal the cut undid may lead to the
 * half-written file that got its inode: the sink sets it aside, and flush() says that nothing of it is whole. What it held is in the bucket.
 */
async function drain(spoolDir: string, taken: ReadonlySet<string>): Promise<Content> {
  const storage = new BucketAfter(taken);
  const sink = await open(spoolDir, storage);
  try {
    await sink.flush();
  } catch (error) {
    if (!(error instanceof SinkError) || !error.message.includes('kept nothing whole')) throw error;
  } finally {
    await sink.close();
  }
  return await contentOf(storage);
}

async function contentOf(storage: MemoryStorage): Promise<Content> {
  const content = { keys: new Set<string>(), lines: new Set<number>() };
  for await (const { key } of storage.list('')) {
    content.keys.add(key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    for (const [, n] of gunzipSync(Buffer.concat(chunks))
      .toString()
      .matchAll(/ l=(\d+)i,/g))
      content.lines.add(Number(n));
  }
  return content;
}
