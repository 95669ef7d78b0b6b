import { RestoreError } from '../errors';
import type { ResolvedWatch } from '../options/watch';
import type { PlanSource } from '../plan/plan';
import { ServerWatch } from '../progress/server-watch';
import type { ServerShard } from '../server/connection';
import { ServerConnection } from '../server/connection';
import { readSchema, type ServerSchema } from '../server/policies/schema';
import type { InstanceStatus } from '../status/types';
import { ComparedPolicies } from '../verify/compared-policies';
import { earlierOf, laterOf, type TimeSpan } from '../verify/time-spans';
import { type JudgedRange, judgeRange } from './judge/judge-range';
import { ledgerAlarms } from './ledger-alarms';
import type { NewFiles } from './new-files';
import { CoveredTime, timeMax, timeMin } from './time/covered-time';
import { dueRanges, oldestOutside } from './time/due-ranges';
import { momentsOf, shardNsOf } from './time/moments';
import { type DueRange, nearSpans, stretchesOf } from './time/watched-time';
import type { WatchReport } from './types';
import { type DatabaseState, newDatabase, type WatchState, writeState } from './watch-state';
import { shownSpan, WatchTally } from './watch-tally';

export interface RunSettings {
  readonly startedMs: number;
  readonly state: WatchState;
  readonly status: InstanceStatus;
  readonly plan: PlanSource;
  readonly files: NewFiles;
}

/** What the server has now. */
interface ServerSide {
  readonly schema: ServerSchema;
  readonly shards: readonly ServerShard[];
}

/** How long to wait before a server that was away is asked again. */
const askAgainMs = 1_000;
/** How long one question may be retried before the whole work is tried again, in ms. */
const askingMs = 5_000;

/** One run of a watch over all databases of an instance. */
export class WatchRun {
  readonly #watch: ResolvedWatch;
  readonly #run: RunSettings;
  readonly #tally: WatchTally;
  readonly #databases: Map<string, DatabaseState>;
  /** The time that is left to wait for sinks, in ms. */
  #waitMs: number;
  /** Why the server cannot be asked any more. */
  #away: string | undefined;

  constructor(watch: ResolvedWatch, run: RunSettings) {
    this.#watch = watch;
    this.#run = run;
    this.#waitMs = watch.comparison.waitMs;
    this.#tally = new WatchTally(watch, run.status, run.startedMs);
    const { partitions } = run.plan;
    const names = [...new Set(partitions.map(({ database }) => database))];
    this.#databases = new Map(names.map((name) => [name, { ...(run.state.databases.get(name) ?? newDatabase()) }]));
  }

  /** @throws RestoreError `SERVER_DENIED`, `SERVER_UNSUPPORTED`, `STATE_UNUSABLE`; StorageError */
  async run(): Promise<WatchReport> {
    const { status, startedMs } = this.#run;
    const { alarms, pending } = ledgerAlarms(status, this.#watch, { nowMs: startedMs, since: this.#run.state.pending });
    for (const alarm of alarms) this.#tally.alarm(alarm);
    for (const one of pending) this.#tally.pending(one);
    const server = await this.#patiently(async () => await this.#readServer());
    if (server === undefined) this.#tally.unjudged({ reason: `${this.#away}` });
    for (const name of this.#databases.keys()) await this.#database(name, server);
    const { files, state } = this.#run;
    // Files that came while it ran have their turn in the next run.
    await writeState(this.#watch.stateFile, {
      ...state,
      lastRunMs: startedMs,
      listed: files.listed,
      // What is still there was first seen by an earlier run.
      pending: new Map(status.findings.map(({ name }) => [name, state.pending.get(name) ?? startedMs])),
      databases: this.#databases,
    });
    return this.#tally.report();
  }

  async #readServer(): Promise<ServerSide> {
    const { comparison, to } = this.#watch;
    const { clock, onServer, map } = comparison;
    const { signal } = this.#run.plan.selection;
    const watch = new ServerWatch(clock, askingMs, (event) => onServer?.(event));
    const connection = await ServerConnection.connect(to, { patienceMs: askingMs, clock, signal, watch });
    const names = [...this.#databases.keys()].map((name) => map.database(name));
    return { schema: await readSchema(connection, names), shards: await connection.shards() };
  }

  async #database(name: string, server: ServerSide | undefined): Promise<void> {
    const state = this.#databases.get(name) as DatabaseState;
    const { files, startedMs, state: before } = this.#run;
    const added = files.spans.get(name) ?? [];
    const hole = this.#hole();
    const plan = this.#planOf(name);
    if (server === undefined) {
      state.open = nearSpans([...state.open, ...added]);
      return this.#overdue(name, state.covered, [{ from: timeMin, until: timeMax }], 0);
    }
    const { periodMs } = this.#watch;
    const stretches = this.#stretches(name, server, plan);
    const { lastRunMs } = before;
    const times = { nowMs: startedMs, lastRunMs, periodMs };
    const due = dueRanges({ state, stretches, added, hole, ...times });
    const alarmed: TimeSpan[] = [];
    const left: TimeSpan[] = [...(hole === undefined ? [] : [hole])];
    let compared = 0;
    for (const range of due) {
      const judged = await this.#judge(plan, range);
      if (judged === undefined) left.push(range);
      else {
        compared += 1;
        left.push(...judged.open);
        if (judged.alarms.length > 0) alarmed.push(...judged.open);
        this.#note(state, range, judged);
      }
    }
    state.open = nearSpans(left);
    // What has an alarm was looked at.
    const looked = new CoveredTime(state.covered.spans);
    for (const span of alarmed) looked.add(span, startedMs);
    this.#overdue(name, looked, stretches, compared);
  }

  /** Compares a range; returns `undefined` if it could not be compared. */
  async #judge(plan: PlanSource, range: DueRange): Promise<JudgedRange | undefined> {
    const { snapshot } = this.#watch.comparison;
    const { from, until, fromFiles, because } = range;
    const selection = {
      ...plan.selection,
      from: from === timeMin ? undefined : from,
      until: until === timeMax ? undefined : until,
    };
    const judged = await this.#patiently(async () => {
      const own = { ...plan, selection };
      return await judgeRange(own, this.#watch, { snapshot: fromFiles ? snapshot : undefined, waitMs: this.#waitMs });
    });
    this.#waitMs = Math.max(0, this.#waitMs - (judged?.waitedMs ?? 0));
    const database = [...(plan.selection.databases ?? [])][0] ?? '';
    const place = { database, ...shownSpan(range) };
    if (judged === undefined) this.#tally.unjudged({ ...place, reason: `it could not be compared: ${this.#away}` });
    else {
      const { alarms, points } = judged;
      this.#tally.compared({ database, fromNs: selection.from, untilNs: selection.until, because, points }, judged);
      for (const alarm of alarms) this.#tally.alarm(alarm);
      for (const one of judged.unjudged) this.#tally.unjudged(one);
    }
    return judged;
  }

  #note(state: DatabaseState, range: DueRange, { open, unjudged }: JudgedRange): void {
    const { startedMs } = this.#run;
    const { snapshot } = this.#watch.comparison;
    if (range.fromFiles && snapshot !== undefined && range.until > BigInt(startedMs) * 1_000_000n) {
      state.activeAskedMs = startedMs;
    }
    // What could not be read of the database has no times: the whole stretch is looked at again.
    if (unjudged.some(({ fromNs }) => fromNs === undefined)) return;
    const kept = open.map((span) => [span, state.covered.oldest(span)] as const);
    state.covered.add(range, startedMs);
    for (const [span, comparedMs] of kept) {
      if (comparedMs === undefined) state.covered.forget(span);
      else state.covered.add(span, comparedMs);
    }
  }

  /** Does something again while the server is away; returns `undefined` once the patience has run out. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { comparison, patienceMs } = this.#watch;
    const { clock, selection } = comparison;
    if (this.#away !== undefined) return undefined;
    const endMs = clock.now() + patienceMs;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error)) throw error;
        if (clock.now() + askAgainMs > endMs) {
          this.#away = error.message;
          return undefined;
        }
      }
      await clock.sleep(askAgainMs, selection.signal);
    }
  }

  /** Returns the time in which a sink may still hold what the database holds already. */
  #hole(): TimeSpan | undefined {
    const { status, startedMs } = this.#run;
    const { retired } = this.#watch.comparison.selection;
    const { storedUpToMs } = status;
    const isLiving = status.sinks.some(({ sink, isClosed }) => !isClosed && !retired.has(sink));
    if (!isLiving || storedUpToMs === undefined) return undefined;
    const [from, until] = [storedUpToMs, startedMs].map((ms) => BigInt(Math.floor(ms)) * 1_000_000n);
    return from !== undefined && until !== undefined && from < until ? { from, until } : undefined;
  }

  #planOf(database: string): PlanSource {
    const { plan } = this.#run;
    return {
      ...plan,
      selection: { ...plan.selection, databases: new Set([database]) },
      partitions: plan.partitions.filter((partition) => partition.database === database),
    };
  }

  /** Returns the stretches of a database. What has expired in all of its policies counts as compared. */
  #stretches(name: string, { schema, shards }: ServerSide, plan: PlanSource): readonly TimeSpan[] {
    const { map, clock } = this.#watch.comparison;
    const database = map.database(name);
    const policies = ComparedPolicies.of(plan, schema, map, clock.now()).all();
    const own = shards.filter((shard) => shard.database === database);
    const stretches = stretchesOf({ moments: momentsOf(own, plan.partitions), shardNs: shardNsOf(policies) });
    const begins = policies.map(({ from }) => from ?? timeMin);
    const begin = begins.reduce(earlierOf, begins[0] ?? timeMin);
    return stretches.flatMap(({ from, until }) => (until <= begin ? [] : [{ from: laterOf(from, begin), until }]));
  }

  /** Notes what was not compared for longer than a period. */
  #overdue(name: string, covered: CoveredTime, stretches: readonly TimeSpan[], compared: number): void {
    const { state: before, startedMs } = this.#run;
    const { periodMs, comparison } = this.#watch;
    const hole = this.#hole();
    const since = stretches.map((span) => oldestOutside(covered, span, hole));
    const never = since.includes(undefined);
    const oldestMs = since.reduce<number>((oldest, ms) => Math.min(oldest, ms ?? before.sinceMs), startedMs);
    this.#tally.covered({
      database: name,
      ...(!never && { comparedSinceMs: oldestMs }),
      stretches: stretches.length,
      compared,
    });
    if (startedMs - oldestMs <= periodMs) return;
    const alarm = `overdue/${encodeURIComponent(name)}`;
    const { instance } = comparison.selection;
    const when = new Date(oldestMs).toISOString();
    const reason = `a part of ${name} was not compared since ${when}, longer than the period`;
    this.#tally.overdue({ kind: 'overdue', name: alarm, instance, database: name, reason });
  }
}

function isAway(error: unknown): error is RestoreError {
  return error instanceof RestoreError && ['SERVER_UNREACHABLE', 'SNAPSHOT_SERVICE'].includes(error.code);
}
