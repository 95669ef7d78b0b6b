import { InfluxWriter, type WriteOutcome } from '@ceres/influx-http';
import type { RawValue } from '@ceres/influx-http/internal';
import { type Clock, countOf, Rate } from '@ceres/internal';
import type { ResolvedHeal } from '../options/heal';
import { serverFault } from '../server/faults';
import type { ComparedPolicy } from '../verify/compared-policies';
import { withFiles } from '../verify/differing-points';
import { measurementKey } from '../verify/digest/columns';
import { valueKey } from '../verify/sides/backup-values';
import type { PointReader } from '../verify/sides/point-reader';
import { type DamagedValue, pointKey } from './damage';

/** The points of one write. Each value is read again before it. */
const pointsPerWrite = 1_000;
/** Points of one write lie within this time: all that lies between them is read. */
const spanNs = 10n * 60_000_000_000n;
const delayMsMin = 200;
const delayMsMax = 5_000;

/** What became of damaged values. */
export interface HealedCounts {
  /** The points that were written, and their values. */
  points: number;
  values: number;
  /** The values that changed since they were compared: what is there now may be newer. */
  skipped: number;
  /** The values that the server refuses, and why, in its words. */
  refused: number;
  readonly reasons: Set<string>;
}

/** The points that a write may hold: their values, of one measurement. */
type Points = readonly (readonly DamagedValue[])[];

/** What a server has decided about a write that it did not store as a whole. */
type Undone = Exclude<WriteOutcome, { kind: 'stored' | 'retry' }>;

/** A write, which may be divided. */
interface Sending {
  /** A write with some of the points was sent before: they may be stored. */
  readonly wasSent: boolean;
  /** The points of which a value was stored. */
  readonly stored: Set<string>;
  /** Reads each value again before it is written. */
  readonly reader: PointReader;
}

/** Writes damaged values, and no other: a point is written with those of its fields that are damaged. */
export class PointHealer {
  readonly counts: HealedCounts = { points: 0, values: 0, skipped: 0, refused: 0, reasons: new Set() };
  readonly #options: ResolvedHeal;
  readonly #writer: InfluxWriter;
  readonly #rate: Rate;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;

  constructor(options: ResolvedHeal) {
    this.#options = options;
    this.#clock = options.clock;
    this.#writer = new InfluxWriter(options.to);
    this.#signal = options.verify.selection.signal ?? new AbortController().signal;
    this.#rate = new Rate(options.rateLinesPerSecond, this.#clock);
  }

  /**
   * @param reader reads each value again before it is written
   * @throws RestoreError `SERVER_…`; the signal's reason
   */
  async heal(values: Iterable<DamagedValue>, reader: PointReader): Promise<void> {
    for (const points of inWrites(values)) {
      const stored = new Set<string>();
      try {
        await this.#write(points, { wasSent: false, stored, reader });
      } finally {
        this.counts.points += stored.size;
      }
    }
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.#writer.close();
  }

  async #write(points: Points, sending: Sending): Promise<void> {
    const [first] = points[0] ?? [];
    if (first === undefined) return;
    const { policy } = first;
    const to = { database: policy.database, retentionPolicy: policy.name, precision: 'ns' } as const;
    const failingSinceMs = this.#clock.now();
    for (let attempt = 1; ; attempt += 1) {
      // What comes while it waits for its turn is seen by the look at the values that follows.
      await this.#rate.take(points.length, this.#signal);
      this.#signal.throwIfAborted();
      const left = await this.#stillDamaged(points, { ...sending, wasSent: sending.wasSent || attempt > 1 });
      if (left.length === 0) return;
      const lines = Buffer.from(left.map(lineOf).join(''), 'latin1');
      const outcome = await this.#writer.write(lines, { ...to, signal: this.#signal });
      if (outcome.kind === 'stored') return this.#count(left.flat(), sending.stored);
      if (outcome.kind !== 'retry') {
        this.#refuseHopeless(outcome, policy);
        return await this.#isolate(left, outcome, { ...sending, wasSent: true });
      }
      const { patienceMs, serverUrl } = this.#options;
      if (this.#clock.now() - failingSinceMs > patienceMs) {
        throw serverFault(
          'SERVER_UNREACHABLE',
          serverUrl,
          `${countOf(attempt, 'attempt')} at one write failed (${outcome.message})`,
        );
      }
      await this.#clock.sleep(Math.min(delayMsMax, delayMsMin * 2 ** attempt), this.#signal);
      // What it is still applying would look like a newer value.
      if (outcome.ambiguous) await this.#writer.settled({ signal: this.#signal });
    }
  }

  /**
   * Reads the points again, and leaves out each value that is not as it was when it was compared. What has the value of the backup by now was
   * healed if a write of it was sent before.
   */
  async #stillDamaged(points: Points, { wasSent, stored: counted, reader }: Sending): Promise<Points> {
    const [first] = points[0] ?? [];
    if (first === undefined) return [];
    const { policy, measurement } = first;
    const times = points.map(([one]) => one?.backup.time ?? 0n);
    // They are in the order of time.
    const [from, until] = [times[0] ?? 0n, (times.at(-1) ?? 0n) + 1n];
    const wanted = new Set(points.map(([one]) => one && pointKey(one.backup)));
    const now = new Map<string, RawValue>();
    const key = measurementKey(policy.database, policy.name, measurement);
    await withFiles({ points: reader }, ({ points: own }) =>
      own.visit({ ...policy, from }, key, until, ({ tags, time, fields }) => {
        if (!wanted.has(pointKey({ tags, time }))) return true;
        for (const [field, value] of fields) now.set(valueKey({ tags, time, field }), value);
        return true;
      }),
    );
    return points.flatMap((values) => {
      const left = values.filter((value) => {
        const { backup, stored } = value;
        const current = now.get(valueKey(backup));
        if (Object.is(current, stored)) return true;
        if (wasSent && Object.is(current, backup.value)) this.#count([value], counted);
        else this.counts.skipped += 1;
        return false;
      });
      return left.length > 0 ? [left] : [];
    });
  }

  /** Throws for an answer that says nothing of the values: every other one would get it as well. */
  #refuseHopeless({ code }: Undone, { database, name }: ComparedPolicy): void {
    const { serverUrl } = this.#options;
    const where = `'${name}' of '${database}'`;
    if (code === 'UNAUTHORIZED') throw serverFault('SERVER_DENIED', serverUrl, `the user may not write to ${where}`);
    if (code === 'NO_DATABASE' || code === 'NO_POLICY') {
      throw serverFault('SERVER_UNREACHABLE', serverUrl, `policy ${where} was there and is gone: was it dropped?`);
    }
  }

  /** Finds out which values the server refuses: first the points, then the values of one. */
  async #isolate(points: Points, outcome: Undone, sending: Sending): Promise<void> {
    const [only = []] = points;
    if (points.length > 1) {
      const middle = points.length >>> 1;
      await this.#write(points.slice(0, middle), sending);
      await this.#write(points.slice(middle), sending);
    } else if (only.length > 1) for (const value of only) await this.#write([[value]], sending);
    else {
      this.counts.refused += 1;
      if (this.counts.reasons.size < 10) this.counts.reasons.add(outcome.message);
    }
  }

  #count(values: readonly DamagedValue[], stored: Set<string>): void {
    this.counts.values += values.length;
    for (const { backup } of values) stored.add(pointKey(backup));
  }
}

/** Returns a line of the values of one point, spelled as in the backup. */
function lineOf(values: readonly DamagedValue[]): string {
  const [first] = values;
  if (first === undefined) return '';
  const fields = values.map(({ backup }) => backup.spelling.field).join(',');
  return `${first.backup.spelling.series} ${fields} ${first.backup.time}\n`;
}

/** Puts the values of a point together, and the points of a measurement that lie close to each other. */
function* inWrites(values: Iterable<DamagedValue>): Generator<Points> {
  const measurements = new Map<string, Map<string, DamagedValue[]>>();
  for (const value of values) {
    const name = JSON.stringify([value.policy.database, value.policy.name, value.measurement]);
    const points = measurements.get(name) ?? new Map<string, DamagedValue[]>();
    measurements.set(name, points);
    const key = pointKey(value.backup);
    const own = points.get(key);
    if (own === undefined) points.set(key, [value]);
    else own.push(value);
  }
  for (const points of measurements.values()) {
    const inTime = [...points.values()].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
    let write: DamagedValue[][] = [];
    for (const point of inTime) {
      const [begin = point] = write;
      if (write.length === pointsPerWrite || timeOf(point) - timeOf(begin) > spanNs) {
        yield write;
        write = [];
      }
      write.push(point);
    }
    yield write;
  }
}

function timeOf(values: readonly DamagedValue[]): bigint {
  return values[0]?.backup.time ?? 0n;
}
