import type { Certificate, Forecast } from '@ceres/drill';
import { shellWord } from '@ceres/internal';
import type { BackupStatus, InstanceStatus } from '@ceres/restore';
import { describeFinding } from '@ceres/storage';
import { paint, print, type Terminal } from '../../../terminal';
import { formatBytes, formatCountOf, formatPointTime, formatPolicy } from '../../format';
import { formatTable } from '../../table';
import { widthOf } from '../../wrap';
import { formatForecast } from '../recover/drill';
import { formatClosed } from './finding';

/** More findings of one instance are counted, and named by `--json`. */
const findingsShown = 20;
/** More sinks of one instance are counted. */
const sinksShown = 20;

/** What is shown beside the state of a backup. */
export interface StatusView {
  readonly nowMs: number;
  /** What drills say, by the names of instances. */
  readonly drills: ReadonlyMap<string, DrillView>;
}

/** The last drill of an instance, and the forecast. */
interface DrillView {
  readonly last: Certificate | undefined;
  readonly forecast: Forecast;
}

/** Prints the state of each instance for a person: what it is, what is missing, and what the backup holds. */
export function printStatus(terminal: Terminal, { instances }: BackupStatus, view: StatusView): void {
  for (const [n, instance] of instances.entries()) {
    if (n > 0) print(terminal, '');
    printInstance(terminal, instance, view);
  }
}

function printInstance(terminal: Terminal, status: InstanceStatus, { nowMs, drills }: StatusView): void {
  const width = widthOf(terminal, 'stdout');
  const { instance, isGood, partitions, sinks, seeds, closed, findings, accepted, sequenceGaps } = status;
  const verdict = isGood
    ? paint(terminal, 'stdout', 'green', 'good')
    : paint(terminal, 'stdout', 'yellow', 'attention');
  print(terminal, `${instance}: ${verdict}`);
  print(terminal, judgement(status, nowMs));
  const shown = findings.slice(0, findingsShown);
  for (const finding of shown) {
    print(terminal, `- ${describeFinding(finding)}`);
    print(terminal, `  known? --accept ${shellWord(finding.name)}`);
  }
  if (shown.length < findings.length) {
    print(terminal, `- ${formatCountOf(findings.length - shown.length, 'more finding')}: see them with --json`);
  }
  for (const { reason, name } of sequenceGaps.slice(0, findingsShown)) {
    print(terminal, `- ${reason}`);
    print(terminal, `  known? --accept ${shellWord(name)}`);
  }
  for (const seed of seeds.slice(0, sinksShown)) print(terminal, seedLine(seed));
  for (const finding of closed.slice(0, findingsShown)) {
    print(terminal, formatClosed(describeFinding(finding)));
  }
  const drilled = drills.get(instance);
  if (drilled !== undefined) print(terminal, ...drillLines(drilled, nowMs));
  if (accepted.length > 0) print(terminal, `${formatCountOf(accepted.length, 'known finding')} accepted`);
  if (partitions.length > 0) print(terminal, '', ...partitionTable(status, nowMs, width));
  if (sinks.length > 0) print(terminal, '', ...sinkTable(sinks, nowMs, width));
  if (sinks.length > sinksShown)
    print(terminal, `and ${formatCountOf(sinks.length - sinksShown, 'other sink')}: see them with --json`);
}

function drillLines({ last, forecast }: DrillView, nowMs: number): string[] {
  const restore = `time to restore: ${formatForecast(forecast)}`;
  if (last === undefined) return [restore];
  const part = last.restored.sample === null ? 'everything' : 'a part';
  return [`last drill: ${last.verdict}, of ${part}, ${ago(nowMs - Date.parse(last.began))}`, restore];
}

function judgement({ hasLedger, seeds, storedUpToMs, findings, sequenceGaps }: InstanceStatus, nowMs: number): string {
  const isSeedAlone = !hasLedger && seeds.length > 0 && findings.length + sequenceGaps.length === 0;
  if (isSeedAlone) return 'Everything is of a seed, and all of it is there. No sink writes to this backup yet.';
  if (!hasLedger) return 'No sink keeps a ledger of these files, so nothing vouches for them.';
  const upTo = `${utc(storedUpToMs ?? 0)} (${ago(nowMs - (storedUpToMs ?? 0))})`;
  const count = findings.length + sequenceGaps.length;
  if (count > 0) return `${formatCountOf(count, 'finding')}; ledgers vouch up to ${upTo}.`;
  return `Everything acked up to ${upTo} is stored.`;
}

/** Returns a seed in a line: when it was taken, what it covers, and from when on that is complete. */
function seedLine({
  takenMs,
  source,
  again,
  partitions,
  files,
  lines,
  measurements,
  fromNs,
  untilNs,
  losses,
}: Seed): string {
  const places =
    partitions.length <= 3
      ? partitions.map(placeOf).join(', ')
      : formatCountOf(partitions.length, 'policy', 'policies');
  const of = measurements === undefined ? places : `${places}, ${formatCountOf(measurements.length, 'measurement')}`;
  const from = fromNs === undefined ? 'the beginning' : formatPointTime(fromNs);
  const until = untilNs === undefined ? '' : ` until ${formatPointTime(untilNs)}`;
  const whole =
    losses.length > 0
      ? `not complete: ${formatCountOf(losses.length, 'part')} of the source could not be read`
      : `complete from ${from}${until}`;
  const size = `${formatCountOf(files, 'file')}, ${formatCountOf(lines, 'line')}`;
  return `seed${again ? ' (again)' : ''} of ${of}, taken ${utc(takenMs)} from ${sourceNames[source] ?? source}: ${size}, ${whole}`;
}

type Seed = InstanceStatus['seeds'][number];

const sourceNames: Readonly<Record<string, string>> = {
  snapshot: 'a snapshot service',
  portable: 'a portable backup',
  'data-directory': 'a data directory',
  query: 'queries',
};

function placeOf({ database, retentionPolicy }: Seed['partitions'][number]): string {
  return `${database}.${retentionPolicy}`;
}

function partitionTable({ partitions }: InstanceStatus, nowMs: number, width: number): readonly string[] {
  const head = ['database', 'policy', 'newest (UTC)', 'file', 'lines', 'files', 'size', 'since'];
  const rows = partitions.map(
    ({ database, retentionPolicy, mixed, newestPointNs, newestFileMs, lines, files, bytes, firstDay }) => [
      database,
      mixed ? '(several)' : formatPolicy(retentionPolicy),
      newestPointNs === undefined ? 'unknown' : utc(Number(newestPointNs / 1_000_000n)).slice(0, 16),
      ago(nowMs - newestFileMs),
      lines,
      files,
      formatBytes(bytes),
      `${firstDay.slice(0, 4)}-${firstDay.slice(4, 6)}-${firstDay.slice(6)}`,
    ],
  );
  const whole = formatTable(head, rows);
  if (whole.every((line) => line.length <= width)) return whole;
  // A narrow screen has no room for the first day, which `ceres ls` shows, too.
  return formatTable(
    head.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
    { width },
  );
}

/** Returns the sinks, those that still run first, and of these the ones that were silent for longest. */
function sinkTable(sinks: InstanceStatus['sinks'], nowMs: number, width: number): readonly string[] {
  const sorted = sinks.toSorted((a, b) => Number(a.isClosed) - Number(b.isClosed) || a.lastMs - b.lastMs);
  return formatTable(
    ['sink', 'heartbeat', 'in its spool', 'refused'],
    sorted
      .slice(0, sinksShown)
      .map(({ sink, lastMs, isClosed, open, spooled, parked }) => [
        sink,
        isClosed ? `closed ${ago(nowMs - lastMs)}` : ago(nowMs - lastMs),
        open + spooled + parked,
        parked,
      ]),
    { width, names: 1 },
  );
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Returns an age in one unit, such as `3 min ago`. */
function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}
