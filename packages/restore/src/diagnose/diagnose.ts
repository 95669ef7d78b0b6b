import { countOf } from '@ceres/internal';
import { asStorageFault, RestoreError } from '../errors';
import { refuseUnusedNames } from '../options/contradictions';
import { type DiagnoseOptions, type ResolvedDiagnose, resolveDiagnose } from '../options/diagnose';
import { type PlanSource, seedsOrFault, surveyOrFault, unmatchedOrFault } from '../plan/plan';
import { refuseUnmatched } from '../plan/unmatched';
import { ServerWatch } from '../progress/server-watch';
import { ServerConnection } from '../server/connection';
import { readSchema, type ServerSchema } from '../server/policies/schema';
import { backupStatus } from '../status/backup-status';
import { compareSides } from '../verify/compare-with-server';
import { ComparedPolicies } from '../verify/compared-policies';
import { judgeRange } from '../watch/judge/judge-range';
import { shownMax } from '../watch/judge/value-alarms';
import type { UnjudgedTime, WatchAlarm } from '../watch/types';
import { alarmsOfStatus, backupDisasters } from './backup-disasters';
import { damagedPartMax, databaseDisasters, listed, otherPartMin, policyDisasters } from './database-disasters';
import type { Diagnosis, Disaster } from './types';

/** How long a server is waited for before it is away, in ms. */
const patienceMs = 5_000;

/**
 * Says what is wrong with a database and its backup, and what cures it. It looks at what is cheap first: ledgers, databases and policies, and the numbers of
 * points; and compares every value where these do not explain what is wrong. It changes nothing.
 *
 * @example
 * ```ts
 * import { diagnose } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const { disasters } = await diagnose({
 *   storage: new LocalStorage('/var/backups/influx'),
 *   instance: 'influxdb-0',
 *   to: { url: 'http://127.0.0.1:8086' },
 * });
 * for (const { kind, reason, cure } of disasters) console.log(kind, reason, cure.action);
 * ```
 * @throws RestoreError `INVALID_OPTIONS`, `NO_FILES`, `STORAGE`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL` or `SERVER_…`
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const resolved = resolveDiagnose(options);
  const { comparison, accept } = resolved;
  const { instance, storage, keepMs, retired, signal } = comparison.selection;
  const { instances } = await backupStatus({
    storage,
    instance,
    retired: [...retired],
    accept: [...accept],
    ...(keepMs !== undefined && { keepMs }),
    ...(signal && { signal }),
  });
  const status = instances.find((one) => one.instance === instance);
  if (status === undefined) throw new TypeError('a status has the instance that it was asked for');
  const selection = await seedsOrFault(comparison.selection);
  const plan: PlanSource = { selection, ...(await surveyOrFault(selection)) };
  // A backup that has lost all of its files is a finding, and no mistake.
  if (plan.partitions.length > 0 || selection.databases !== undefined) await unmatchedOrFault(plan, refuseUnmatched);
  refuseUnusedNames(plan, comparison.map);
  const alarms = alarmsOfStatus(status, accept, comparison.clock.now());
  try {
    return await new Diagnosing(resolved, plan, alarms).run();
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${instance}`);
  }
}

/** The server's databases and policies. */
interface ServerNames {
  readonly databases: readonly string[];
  readonly schema: ServerSchema;
}

/** The worst disaster first. */
const order: readonly Disaster['kind'][] = [
  'server-away',
  'other-server',
  'lost-volume',
  'dropped-database',
  'dropped-policy',
  'lost-points',
  'shifted-time',
  'swapped-tags',
  'changed-type',
  'partial-damage',
  'damaged-backup',
  'extra-points',
];

class Diagnosing {
  readonly #settings: ResolvedDiagnose;
  readonly #plan: PlanSource;
  readonly #alarms: WatchAlarm[];
  readonly #disasters: Disaster[] = [];
  readonly #unjudged: UnjudgedTime[] = [];
  #points = 0;

  constructor(settings: ResolvedDiagnose, plan: PlanSource, alarms: readonly WatchAlarm[]) {
    this.#settings = settings;
    this.#plan = plan;
    this.#alarms = [...alarms];
  }

  async run(): Promise<Diagnosis> {
    const names = [...new Set(this.#plan.partitions.map(({ database }) => database))];
    const server = await this.#connect(names);
    if (server !== undefined && names.length > 0) await this.#look(names, server);
    // Without a server, nothing says that a copy of it would have what is lost.
    const isWhole = server !== undefined && !this.#disasters.some(({ cure }) => cure.action !== 'seed again');
    this.#disasters.push(...backupDisasters(this.#alarms, isWhole));
    const rank = ({ kind }: Disaster) => (order.includes(kind) ? order.indexOf(kind) : order.length);
    const disasters = this.#disasters.sort((a, b) => rank(a) - rank(b));
    return {
      outcome: disasters.length > 0 ? 'FOUND' : this.#unjudged.length > 0 ? 'UNJUDGED' : 'GOOD',
      instance: this.#plan.selection.instance,
      disasters,
      unjudged: this.#unjudged,
      points: this.#points,
    };
  }

  async #connect(names: readonly string[]): Promise<ServerNames | undefined> {
    const { comparison, to } = this.#settings;
    const { clock, onServer, map, selection } = comparison;
    try {
      const watch = new ServerWatch(clock, patienceMs, (event) => onServer?.(event));
      const patience = { patienceMs, clock, signal: selection.signal, watch };
      const connection = await ServerConnection.connect(to, patience);
      const databases = await connection.databases();
      return {
        databases,
        schema: await readSchema(
          connection,
          names.map((name) => map.database(name)),
        ),
      };
    } catch (error) {
      if (!(error instanceof RestoreError) || error.code !== 'SERVER_UNREACHABLE') throw error;
      const cure = { action: 'check the server' } as const;
      this.#disasters.push({ kind: 'server-away', databases: [], reason: error.message, cure, findings: [] });
      return undefined;
    }
  }

  async #look(names: readonly string[], { databases, schema }: ServerNames): Promise<void> {
    const { map } = this.#settings.comparison;
    const here = new Set(databases);
    const absent = names.filter((name) => !here.has(map.database(name)));
    const others = databases.filter((name) => name !== '_internal');
    if (absent.length === names.length) return this.#noneIsThere(names, others);
    if (absent.length > 0) {
      const gone = absent.map((name) => map.database(name));
      const reason = `the server has no database ${listed(gone)}`;
      const cure = { action: 'restore', databases: absent, intoExisting: true } as const;
      this.#disasters.push({ kind: 'dropped-database', databases: gone, reason, cure, findings: [] });
    }
    for (const name of names) if (here.has(map.database(name))) await this.#database(name, schema);
  }

  #noneIsThere(names: readonly string[], others: readonly string[]): void {
    const gone = names.map((name) => this.#settings.comparison.map.database(name));
    if (others.length === 0) {
      const reason = `the server has nothing of the backup, and nothing else: its volume is new`;
      const cure = { action: 'restore', intoExisting: false } as const;
      this.#disasters.push({ kind: 'lost-volume', databases: gone, reason, cure, findings: [] });
      return;
    }
    const reason = `the server has no database of the backup, but others (${listed(others)}): it is another one, or all were dropped`;
    const cure = { action: 'check the server' } as const;
    this.#disasters.push({ kind: 'other-server', databases: gone, reason, cure, findings: [] });
  }

  async #database(name: string, schema: ServerSchema): Promise<void> {
    const { comparison } = this.#settings;
    const { map, clock, snapshot, waitMs } = comparison;
    const database = map.database(name);
    const { partitions: all, selection: whole } = this.#plan;
    const selection = { ...whole, databases: new Set([name]) };
    const partitions = all.filter((partition) => partition.database === name);
    const plan: PlanSource = { ...this.#plan, selection, partitions };
    const policies = ComparedPolicies.of(plan, schema, map, clock.now()).all();
    const absent = policies.filter(({ exists }) => !exists);
    this.#disasters.push(...policyDisasters(name, database, absent));
    if (absent.length === policies.length) return;
    if (await this.#isLost(name, database, plan)) return;
    const judged = await judgeRange(plan, this.#settings, { snapshot, waitMs });
    this.#points += judged.points;
    this.#unjudged.push(...judged.unjudged);
    this.#alarms.push(...judged.alarms.filter((one) => one.values === undefined && !this.#isKnown(one)));
    const gone = new Set(absent.map((policy) => policy.name));
    const places = judged.places.filter(({ policy }) => !gone.has(policy.name));
    this.#disasters.push(...databaseDisasters(name, database, { ...judged, places }));
  }

  /** Returns whether the numbers of points alone tell that much of a database is lost. */
  async #isLost(name: string, database: string, plan: PlanSource): Promise<boolean> {
    const { comparison } = this.#settings;
    let compared: Awaited<ReturnType<typeof compareSides>>;
    try {
      compared = await compareSides(plan, { ...comparison, level: 'counts', snapshot: undefined });
    } catch (error) {
      if (error instanceof RestoreError && error.code === 'NO_FILES') return false;
      throw error;
    }
    const { mismatches, sides, verdict } = compared;
    const own = mismatches.filter(
      ({ retentionPolicy = '' }) => sides.policies.named(database, retentionPolicy)?.exists,
    );
    const missing = own.reduce((sum, one) => sum + one.missing, 0);
    const extra = own.reduce((sum, one) => sum + one.extra, 0);
    // Where there are others instead, or beside, only their values tell where they came from, and whether InfluxDB takes ours beside them.
    const areSomeLeft = own.some((one) => one.missing > 0 && one.inDatabase > 0);
    if (missing <= verdict.points * damagedPartMax || extra > 0 || areSomeLeft) return false;
    // So they do where next to nothing is left: others may stand where ours stood.
    const left = own.reduce((sum, { inDatabase }) => sum + inDatabase, 0);
    if (missing > verdict.points * otherPartMin && left > 0) return false;
    const whole = own.filter(({ inDatabase }) => inDatabase === 0).map(({ measurement }) => measurement);
    const isWhole = own.every(({ inDatabase }) => inDatabase === 0);
    const measurements = [...new Set(whole)];
    const reason = `${database}: ${missing} of ${countOf(verdict.points, 'point')} ${missing === 1 ? 'is' : 'are'} missing: shards or measurements were dropped, or a wipe was not finished`;
    const canName =
      isWhole &&
      measurements.length <= 5 &&
      !measurements.some((one) => one.length > shownMax || /[^\x20-\x7e]/.test(one));
    this.#disasters.push({
      kind: 'lost-points',
      databases: [database],
      reason,
      cure: {
        action: 'restore',
        databases: [name],
        intoExisting: true,
        ...(canName && missing < verdict.points && { measurements }),
      },
      findings: [],
    });
    return true;
  }

  #isKnown({ name }: WatchAlarm): boolean {
    return this.#alarms.some((alarm) => alarm.name === name);
  }
}
