import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BackupSink } from '@ceres/backup-sink';
import { LocalStorage, readObject } from '@ceres/storage';
import { type DiskKind, mountDisk } from '@ceres/testkit';
import { type Audit, audit } from '../model/oracle';
import type { Written } from '../model/written';
import { Filler, type Scarce } from './filler';
import { writersAtOnce, writtenOf } from './writes';

const MiB = 1024 * 1024;
const main = fileURLToPath(new URL('child.ts', import.meta.url));
/** The longest that anything may take before it counts as a hang: far longer than it takes on a busy machine. */
const patienceMs = 60_000;

/** How a round goes. */
export interface Round {
  readonly kind: DiskKind;
  readonly sizeBytes: number;
  readonly inodesMax: number;
  readonly scarce: Scarce;
  /** A stalled bucket answers nothing while the sink writes, so that the sink fills the disk itself. */
  readonly bucket: 'healthy' | 'stalled';
  /** The room that is left at first, in bytes. */
  readonly roomBytes: number;
  readonly tightMs: number;
  readonly fullMs: number;
  /** `kill`: SIGKILL, and another sink opens the full disk. `full`: it closes while the disk is full. `room`: it closes once there is room again. */
  readonly ending: 'kill' | 'full' | 'room';
  /** True if all that draining frees is taken away at once. */
  readonly thief: boolean;
}

export function randomRound(random: () => number, kinds: readonly DiskKind[]): Round {
  const oneOf = <T>(...values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const kind = oneOf(...kinds);
  return {
    kind,
    sizeBytes: Math.floor((kind === 'tmpfs' ? 2 + 4 * random() : 8 + 4 * random()) * MiB),
    inodesMax: 60 + Math.floor(300 * random()), // with fewer than 128 there is no reserve
    scarce: oneOf('bytes', 'bytes', 'inodes', 'both'),
    bucket: oneOf('healthy', 'stalled'),
    roomBytes: Math.floor(random() * 1.5 * MiB),
    tightMs: Math.floor(random() * 600),
    fullMs: Math.floor(random() * 500),
    ending: oneOf('kill', 'kill', 'kill', 'full', 'room'),
    thief: random() < 0.5,
  };
}

/** Plays a round on a disk of its own. Rejects if anything fails that must not fail on a full disk, or hangs. */
export async function play(round: Round): Promise<Audit> {
  const disk = await mountDisk(round);
  const bucket = await mkdtemp(join(tmpdir(), 'ceres-bucket-'));
  const filler = new Filler(disk.path);
  const spoolDir = join(disk.path, 'spool');
  let thief: NodeJS.Timeout | undefined;
  const writer = new Writer(spoolDir, bucket, round.bucket);
  try {
    await writer.firstAck();
    filler.fill(round.scarce);
    filler.release(round.roomBytes);
    await pause(round.tightMs);
    filler.fill(round.scarce);
    await pause(round.fullMs);
    if (round.ending === 'kill') await writer.kill();
    if (round.ending === 'room') filler.empty();
    else filler.fill(round.scarce);
    if (round.thief && round.ending !== 'room') thief = setInterval(() => filler.fill(round.scarce), 5);
    if (round.ending === 'kill') await drain(spoolDir, bucket);
    else await writer.finish();
    return await audit(await objectsIn(bucket), writer.written(), false);
  } finally {
    clearInterval(thief);
    await writer.kill();
    filler.close();
    await disk.remove();
    await rm(bucket, { recursive: true });
  }
}

/** The process that writes. */
class Writer {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';

  constructor(spoolDir: string, bucket: string, mode: string) {
    const child = spawn(process.execPath, ['--import', 'tsx', main, spoolDir, bucket, mode], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#output += text;
    });
    child.stdin.on('error', () => undefined); // it may have ended: its output says how
    this.#process = child;
    this.#closed = once(child, 'close');
  }

  async firstAck(): Promise<void> {
    await within('the first ack', async () => {
      while (!this.#output.includes('\n')) {
        if (this.#process.exitCode !== null) throw new Error('The writing process ended before its first ack.');
        await pause(5);
      }
    });
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#closed;
  }

  /** Lets it store everything, and end. */
  async finish(): Promise<void> {
    this.#process.stdin?.write('finish\n');
    await within('flush() and close()', () => this.#closed);
    if (!this.#output.endsWith('finished 0\n'))
      throw new Error(`Expected the writing process to store everything, got ${this.#output.slice(-40)}`);
  }

  /** Returns the writes that it may have made. */
  written(): Written[] {
    const acked = new Set(this.#output.split('\n').slice(0, -1).map(Number));
    const last = Math.max(-1, ...[...acked].filter(Number.isInteger));
    // A write that was not acked may have come far beyond the last ack: on a full disk all fail for a while.
    return Array.from({ length: last + 1 + notAckedMax }, (_, id) => ({ ...writtenOf(id), acked: acked.has(id) }));
  }
}

const notAckedMax = writersAtOnce * 1_000;

/** Opens the spool as the next process would, stores what is left, and closes. */
async function drain(spoolDir: string, bucket: string): Promise<void> {
  const storage = new LocalStorage(bucket);
  const sink = await within('open()', () => BackupSink.open({ storage, spoolDir, precision: 'ns' }));
  try {
    await within('flush()', () => sink.flush());
  } finally {
    await within('close()', () => sink.close());
  }
}

async function within<T>(what: string, work: () => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = pause(patienceMs, undefined, { signal: limit.signal }).then(() => {
    throw new Hang(`${what} hangs: it did not end within ${patienceMs} ms.`);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    limit.abort();
    late.catch(() => undefined);
  }
}

/** Something did not end in time. */
export class Hang extends Error {}

async function objectsIn(bucket: string): Promise<Map<string, Buffer>> {
  const storage = new LocalStorage(bucket);
  const objects = new Map<string, Buffer>();
  for await (const { key } of storage.list('')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readObject(storage, key)) chunks.push(chunk);
    objects.set(key, Buffer.concat(chunks));
  }
  return objects;
}
