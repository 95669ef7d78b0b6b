import { utcDay, whatThereIs } from '@ceres/internal';
import { RestoreError } from '@ceres/restore';
import { describeFinding, listObjects, type ObjectReader, parseKey, surveyLedgers } from '@ceres/storage';
import { isOfBackup, isSeedName, listInstances, openedMsIn } from '@ceres/storage/internal';
import { exitCodes } from '../../exit-codes';
import { openStorage } from '../../options/storage-url';
import { dayText, formatDays } from '../../output/days';
import { formatBytes, formatCountOf, formatPolicy } from '../../output/format';
import { printLeftOut } from '../../output/results/recover/plan';
import { formatTable } from '../../output/table';
import { widthOf, wrap } from '../../output/wrap';
import { print, printError, printJson, type Terminal } from '../../terminal';

export interface LsOptions {
  readonly instance?: string;
  readonly days?: true;
  readonly json?: true;
}

/** One line of the listing. */
interface Row {
  readonly instance: string;
  readonly database: string;
  readonly retentionPolicy: string;
  readonly quarantine: boolean;
  /** True for files that switch between policies. */
  readonly mixed: boolean;
  readonly days: Map<string, { files: number; bytes: number }>;
  /** The files of first seeds, whose names have a day that is none. */
  readonly seed: { files: number; bytes: number };
  /** When the first and the last other file was opened, in ms since the epoch. */
  firstMs: number;
  lastMs: number;
}

export async function runLs(url: URL, options: LsOptions, terminal: Terminal): Promise<number> {
  const storage = await openStorage(url, terminal);
  const { rows, skippedNames } = await tally(storage, options, terminal);
  if (options.instance !== undefined && rows.length === 0) {
    const instances = await listInstances(storage, { signal: terminal.signal });
    // An instance with a ledger alone has lost all of its files, which is printed below.
    if (!instances.includes(options.instance)) throw unknownInstance(options.instance, instances);
  }
  if (options.json) for (const row of rows) printJson(terminal, toJson(row));
  else if (rows.length > 0) printRows(terminal, rows, options);
  if (rows.length === 0) printError(terminal, `Found no file of a backup in ${url}.`);
  if (skippedNames > 0) printLeftOut(terminal, skippedNames);
  const hasSeed = rows.some(({ seed }) => seed.files > 0);
  await printMissing(storage, options, terminal, hasSeed ? 'always' : 'for ledgers');
  return rows.length === 0 ? exitCodes.found : exitCodes.done;
}

function unknownInstance(instance: string, instances: readonly string[]): RestoreError {
  const known = whatThereIs(instance, instances);
  return new RestoreError('NO_FILES', `The backup has no file of the instance '${instance}'. ${known}`);
}

/** Prints each instance with its table, and names the days between the first and the last of which no file is there. */
function printRows(terminal: Terminal, rows: readonly Row[], { days }: LsOptions): void {
  const width = widthOf(terminal, 'stdout');
  const instances = [...new Set(rows.map(({ instance }) => instance))];
  for (const [n, instance] of instances.entries()) {
    const own = rows.filter((row) => row.instance === instance);
    const table = days ? dayTable(own, width) : partitionTable(own, width);
    print(terminal, ...(n > 0 ? [''] : []), instance, ...table);
    for (const row of own) {
      const { files, bytes } = row.seed;
      const of = names(row).join('.');
      if (files > 0) print(terminal, `${formatCountOf(files, 'file')} of a seed of ${of}, ${formatBytes(bytes)}`);
      const without = formatDays(summarize(row).daysWithout);
      if (without.length === 0) continue;
      print(terminal, `no file of ${of} on`);
      print(terminal, ...wrap(without, width, '  '));
    }
  }
}

/** Names what the ledgers say is missing. That no ledger names a file is a matter of `ceres status`. */
async function printMissing(
  storage: ObjectReader,
  { instance }: LsOptions,
  terminal: Terminal,
  listFiles: 'always' | 'for ledgers',
): Promise<void> {
  const retry = { signal: terminal.signal };
  const { findings } = await surveyLedgers(storage, { instance, nowMs: Date.now(), listFiles, retry });
  for (const finding of findings) {
    if (finding.kind !== 'unvouched') printError(terminal, describeFinding(finding));
  }
}

async function tally(
  storage: ObjectReader,
  { instance }: LsOptions,
  terminal: Terminal,
): Promise<{ rows: Row[]; skippedNames: number }> {
  const byPartition = new Map<string, Row>();
  let skippedNames = 0;
  for await (const { key, sizeBytes, createdMs } of listObjects(storage, '', { signal: terminal.signal })) {
    const parts = parseKey(key);
    if (parts === undefined && !isOfBackup(key)) skippedNames += 1;
    if (parts === undefined || (instance !== undefined && parts.instance !== instance)) continue;
    const { database, retentionPolicy = '', quarantine = false, mixed = false, day } = parts;
    const partition = JSON.stringify([quarantine, mixed, parts.instance, database, retentionPolicy]);
    const row = byPartition.get(partition) ?? {
      instance: parts.instance,
      database,
      retentionPolicy,
      quarantine,
      mixed,
      days: new Map(),
      seed: { files: 0, bytes: 0 },
      firstMs: Infinity,
      lastMs: -Infinity,
    };
    byPartition.set(partition, row);
    if (isSeedName(key)) {
      row.seed.files += 1;
      row.seed.bytes += sizeBytes;
      continue;
    }
    const { files, bytes } = row.days.get(day) ?? { files: 0, bytes: 0 };
    const openedMs = openedMsIn(parts.id) ?? createdMs;
    row.firstMs = Math.min(row.firstMs, openedMs);
    row.lastMs = Math.max(row.lastMs, openedMs);
    row.days.set(day, { files: files + 1, bytes: bytes + sizeBytes });
  }
  return { rows: [...byPartition.values()], skippedNames };
}

function partitionTable(rows: readonly Row[], width: number): readonly string[] {
  return formatTable(
    ['database', 'policy', 'first file (UTC)', 'last file (UTC)', 'files', 'size'],
    rows.map((row) => {
      const { files, bytes } = summarize(row);
      return [...names(row), minuteText(row.firstMs), minuteText(row.lastMs), files, formatBytes(bytes)];
    }),
    { width },
  );
}

function dayTable(rows: readonly Row[], width: number): readonly string[] {
  return formatTable(
    ['database', 'policy', 'day', 'files', 'size'],
    rows.flatMap((row) =>
      [...row.days].sort().map(([day, { files, bytes }]) => [...names(row), dayText(day), files, formatBytes(bytes)]),
    ),
    { width },
  );
}

function names({ database, retentionPolicy, quarantine, mixed }: Row): string[] {
  const policy = mixed ? '(several)' : formatPolicy(retentionPolicy);
  return [database, quarantine ? `${policy} (quarantine)` : policy];
}

function toJson(row: Row): object {
  const { instance, database, retentionPolicy, quarantine, mixed } = row;
  const names = { instance, database, retentionPolicy, quarantine, ...(mixed && { mixed }) };
  const [firstFile, lastFile] = [row.firstMs, row.lastMs].map((ms) =>
    Number.isFinite(ms) ? new Date(ms).toISOString() : undefined,
  );
  const seed = row.seed.files > 0 ? { seed: row.seed } : {};
  return { ...names, firstFile, lastFile, ...seed, ...summarize(row), days: Object.fromEntries(row.days) };
}

function summarize({ days, seed }: Row) {
  const sorted = [...days.keys()].sort();
  const [firstDay = '', lastDay = ''] = [sorted.at(0), sorted.at(-1)];
  const totals = [...days.values(), seed];
  return {
    firstDay,
    lastDay,
    daysWithout: daysBetween(firstDay, lastDay).filter((day) => !days.has(day)),
    files: totals.reduce((sum, { files }) => sum + files, 0),
    bytes: totals.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Returns the days from `first` to `last`, both included, as `YYYYMMDD`. */
function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  const toMs = (day: string) => Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
  for (let ms = toMs(first); ms <= toMs(last); ms += 86_400_000) {
    days.push(utcDay(ms));
  }
  return days;
}

/** Returns when a file was opened; a seed has no such time. */
function minuteText(ms: number): string {
  if (!Number.isFinite(ms)) return 'seed';
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
