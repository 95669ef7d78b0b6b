import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, type BackupSinkOptions, sinkMetrics } from '@ceres/backup-sink';
import { createMetrics } from '@ceres/drill';
import { MemoryStorage } from '@ceres/storage';
import { vi } from 'vitest';
import { watchMetrics } from '../../../packages/cli/src/output/metrics/watch-metrics';
import { putDrill } from '../../../packages/drill/test/report/backups';
import type { UnjudgedTime, WatchAlarmKind } from '../../../packages/restore/src/watch/types';
import { Bucket, hour, minute, ScriptedSink } from '../../../packages/storage/test/ledger/bucket';

export const startMs = Date.UTC(2026, 10, 26);
export const scrapesADay: number = (24 * hour) / (5 * minute);

/** The faults come at this time of the day. */
export const faultMs: number = 21 * hour;

/** What happens to a backup from the fault on. `at` is the time since the start of the day, in ms. */
export interface Fault {
  /** The sink does not say anything. */
  readonly isDead?: boolean;
  /** Called every quarter of an hour, after the sink. */
  readonly happens?: (at: number, backup: SimulatedBackup) => void | Promise<void>;
  /** `ceres metrics` does not run. */
  readonly isUnseen?: boolean;
}

/** A backup on a day that goes by, by an injected clock. Every quarter of an hour its sink says something, and `ceres metrics` runs. */
export class SimulatedBackup {
  readonly bucket: Bucket = new Bucket();
  readonly sink: ScriptedSink;
  #text = '';

  constructor() {
    this.sink = new ScriptedSink(this.bucket, '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11');
    putDrill(this.bucket, 1, { began: new Date(startMs - 24 * hour).toISOString() });
    this.sink.store(startMs - 20 * minute);
  }

  /** Returns what Prometheus reads every five minutes from one time of the day until before another. */
  async pass(fromMs: number, untilMs: number, { isDead, happens, isUnseen }: Fault = {}): Promise<string[]> {
    const texts: string[] = [];
    try {
      for (let at = fromMs; at < untilMs; at += quarter) {
        vi.useFakeTimers({ now: startMs + at, toFake: ['Date'] });
        if (!isDead) await this.#live(at);
        await happens?.(at, this);
        if (!isUnseen) this.#text = await createMetrics({ storage: this.bucket });
        texts.push(this.#text, this.#text, this.#text);
      }
    } finally {
      vi.useRealTimers();
    }
    return texts;
  }

  /** Returns a copy, to which something else happens. */
  fork(): SimulatedBackup {
    const other = new SimulatedBackup();
    other.bucket.objects.clear();
    for (const [key, object] of this.bucket.objects) other.bucket.objects.set(key, object);
    other.sink.unsaid = [];
    other.sink.previous = this.sink.previous;
    other.#text = this.#text;
    return other;
  }

  async #live(at: number): Promise<void> {
    const atMs = startMs + at;
    if (at % hour === 0) this.sink.store(atMs - minute);
    await this.sink.say(atMs, { nextDueByMs: atMs + quarter });
  }
}

const quarter = 15 * minute;

/** Returns the metrics of a sink that was written to, and to whose storage this happens. */
export async function sinkText(options: Partial<BackupSinkOptions> = {}, later = false): Promise<string> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-monitoring-'));
  const [sleep, offsetMs] = [
    (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref()),
    { value: 0 },
  ];
  const clock = { now: () => Date.now() + offsetMs.value, sleep };
  const sink = await BackupSink.open({ storage: new MemoryStorage(), spoolDir, precision: 's', clock, ...options });
  try {
    const metrics = sinkMetrics(sink);
    await sink.write({ instance: 'influxdb-0', database: 'site_6' }, { lines: 'm v=1 1', precision: 's' });
    if (!later) await sink.flush().catch(() => undefined);
    if (later) offsetMs.value = hour;
    return metrics.text();
  } finally {
    await sink.close({ timeoutMs: 0 });
    await rm(spoolDir, { recursive: true });
  }
}

/** What a run of a watch found: an alarm of each of these kinds, and what it could not judge. */
export interface Watched {
  readonly kinds?: readonly WatchAlarmKind[];
  readonly unjudged?: readonly UnjudgedTime[];
}

/** Returns what a watch says that ran at this time. */
export function watchText(
  endedMs: number,
  { kinds = [], unjudged = [] }: Watched = {},
  instance = 'influxdb-0',
): string {
  return watchMetrics({
    outcome: kinds.length > 0 ? 'FOUND' : unjudged.length > 0 ? 'UNJUDGED' : 'GOOD',
    instance,
    startedMs: endedMs - 1_000,
    endedMs,
    periodMs: 24 * hour,
    alarms: kinds.map((kind, n) => ({ kind, name: `${n}`, instance, reason: '' })),
    pending: [],
    unjudged,
    coverage: [],
    points: 1,
  });
}

/** Returns what a watch says that failed. */
export function blindWatchText(failedMs: number): string {
  return watchMetrics({ instance: 'influxdb-0', failedMs });
}
