import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { BackupSink, SinkError } from '@ceres/backup-sink';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { Bucket } from './bucket';
import { VirtualClock } from './clock';
import type { Command, Schedule } from './commands';
import { audit } from './oracle';
import { auditLedger, readerOf, readLedger } from './read-ledger';
import { settings, waitingFiles } from './settings';
import { catchTimers } from './timers';
import type { Written } from './written';

/** The figures of a schedule, and which promises it broke. */
export interface Outcome {
  readonly crashes: number;
  readonly faults: number;
  readonly ackedLines: number;
  readonly lostLines: number;
  readonly duplicatedLines: number;
  readonly violations: readonly string[];
}

const startMs = Date.UTC(2026, 2, 1, 23, 50);

/** Holds a disk, a bucket and a clock, and the processes that start and end on them. */
export class World {
  readonly #random: () => number;
  readonly #clock = new VirtualClock(startMs);
  readonly #bucket: Bucket;
  readonly #disk: FaultyDisk;
  readonly #written: Written[] = [];
  readonly #violations: string[] = [];
  #sink: BackupSink | undefined;
  #timers = new Set<NodeJS.Timeout>();
  #crashes = 0;
  #openFault: unknown;
  #isCloned = false;
  #wasFull = false;
  #isCloneCutOff = false;
  #timestamp = 1_700_000_000_000_000_000n;

  private constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#bucket = new Bucket(this.#random);
    this.#disk = new FaultyDisk(this.#random);
  }

  static async run({ seed, commands }: Schedule): Promise<Outcome> {
    const world = new World(seed);
    await world.#open();
    for (const command of commands) await world.#do(command);
    return await world.#end();
  }

  async #do(command: Command): Promise<void> {
    switch (command.type) {
      case 'write':
        return this.#write(command);
      case 'settle':
        return await this.#settle();
      case 'flush':
        this.#sink?.flush().catch(expected);
        return await turns(2);
      case 'open':
        return this.#sink === undefined ? await this.#open() : undefined;
      case 'close':
        await this.#sink?.close({ timeoutMs: 0 });
        this.#sink = undefined;
        return;
      case 'crash':
        return this.#crash(command.power);
      case 'clone':
        return await this.#clone();
      case 'bucket':
        this.#bucket.mode = command.mode;
        return;
      case 'fault':
        return this.#fault(command);
      case 'diskFull':
        this.#wasFull = true;
        this.#disk.capacityBytes = this.#disk.usedBytes() + command.slackBytes;
        return;
      case 'diskFree':
        this.#disk.capacityBytes = Infinity;
        return;
      case 'advance':
        this.#clock.advance(command.ms);
        return await turns(3);
      case 'setClock':
        return this.#clock.set(command.byMs);
    }
  }

  #write(command: Command & { type: 'write' }): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    const { partition, lines, padding, ack } = command;
    for (let i = 0; i < command.writes; i += 1) {
      const written: Written = { id: this.#written.length, partition, lines, acked: false };
      this.#written.push(written);
      const text = Array.from({ length: lines }, (_, line) => this.#line(written.id, line, padding)).join('');
      const acked = sink.write(partitionOf(partition), { lines: text, precision: 'ns' }, { ack });
      acked
        .then((receipt) => receipt.reached('spooled'))
        .then(() => {
          written.acked = true;
        })
        .catch(expected);
    }
  }

  #line(write: number, line: number, padding: number): string {
    this.#timestamp += 1n;
    return `m,w=${write} l=${line}i,text="${'x'.repeat(padding)}" ${this.#timestamp}\n`;
  }

  async #open(): Promise<void> {
    const { generation } = this.#disk;
    const isAlive = () => this.#disk.generation === generation;
    const timers = this.#timers;
    const restore = catchTimers(timers);
    try {
      const sink = await BackupSink.open({
        ...settings,
        fs: new FaultyFs(this.#disk),
        storage: this.#bucket.writer(isAlive),
        clock: this.#clock.of(isAlive),
      });
      this.#sink = sink;
    } catch (error) {
      this.#openFault = error;
      expected(error);
    } finally {
      restore();
    }
  }

  #crash(power: boolean): void {
    this.#crashes += 1;
    if (power) this.#disk.crash();
    else this.#disk.kill();
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = new Set();
    this.#sink = undefined;
  }

  /** Starts a second service on a copy of the volume; it stores what it finds, under the names it finds. */
  async #clone(): Promise<void> {
    this.#isCloned = true;
    const disk = this.#disk.clone();
    const sink = await BackupSink.open({
      ...settings,
      fs: new FaultyFs(disk),
      storage: this.#bucket.writer(() => true),
      clock: this.#clock.of(() => true),
    });
    sink.flush().catch(expected);
    await turns(10);
    // No run follows on this disk that could name what was stored while the sink closed: it gets time for its last heartbeat.
    await sink.close({ timeoutMs: 2_000 });
    this.#isCloneCutOff ||= waitingFiles(disk).length > 0;
  }

  #fault({ operation, kind, after, times, done }: Command & { type: 'fault' }): void {
    let skipped = 0;
    let made = 0;
    this.#disk.fault = (call) => {
      if (operation !== 'any' && call.operation !== operation) return undefined;
      skipped += 1;
      if (skipped <= after || made >= times) return undefined;
      made += 1;
      return { kind, done };
    };
  }

  /** Runs everything that can run without time passing. */
  async #settle(): Promise<void> {
    await turns(20);
  }

  async #end(): Promise<Outcome> {
    const faults = this.#disk.faults + this.#bucket.faults;
    this.#disk.fault = undefined;
    this.#disk.capacityBytes = Infinity;
    this.#bucket.mode = 'ok';
    if (this.#sink === undefined) await this.#open();
    // The next open finds a file that could not be read at this one.
    await this.#drain();
    await this.#open();
    await this.#drain();
    const { violations, ...lines } = await audit(this.#bucket.objects, this.#written, this.#isCloned);
    const mayLack = this.#disk.faults > 0 || this.#wasFull || this.#isCloneCutOff;
    this.#violations.push(...auditLedger(await readLedger(readerOf(this.#bucket.objects)), mayLack));
    for (const path of waitingFiles(this.#disk)) this.#violations.push(`left in the spool: ${path}`);
    return { crashes: this.#crashes, faults, ...lines, violations: [...this.#violations, ...violations] };
  }

  /** Checks that everything reaches the bucket as time passes, once faults are over. */
  async #drain(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    if (sink === undefined) {
      this.#violations.push(`the sink does not open on a working disk: ${String(this.#openFault)}`);
      return;
    }
    let outcome: unknown;
    sink.flush().then(
      () => {
        outcome = 'drained';
      },
      (error: unknown) => {
        outcome = error;
      },
    );
    await this.#passTimeWhile(() => outcome === undefined);
    if (outcome !== 'drained') this.#violations.push(`the spool does not drain: ${String(outcome)}`);
    await this.#passTimeWhile(() => sink.stats().spooledBytes > 0);
    const { unstoredFiles } = await sink.close({ timeoutMs: 1_000 });
    const { spooledBytes } = sink.stats();
    if (unstoredFiles > 0 || spooledBytes > 0) {
      this.#violations.push(`unstored after the end: ${unstoredFiles} files, ${spooledBytes} bytes`);
    }
  }

  /** Advances the clock while `isWaiting`, with pauses, since compression takes real time on other threads. */
  async #passTimeWhile(isWaiting: () => boolean): Promise<void> {
    for (let i = 0; i < patienceTurns && isWaiting(); i += 1) {
      this.#clock.advance(5_000);
      await (i < 100 ? nextTurn() : pause(1));
    }
  }
}

const patienceTurns = 3_000;

function partitionOf(partition: number) {
  return { instance: 'i', database: `db${partition}`, retentionPolicy: partition === 0 ? '' : 'rp' };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await nextTurn();
}

/** Accepts a sink's errors, since schedules are made of faults; anything else is a bug of ours. */
function expected(error: unknown): void {
  if (!(error instanceof SinkError))
    queueMicrotask(() => {
      throw error;
    });
}
