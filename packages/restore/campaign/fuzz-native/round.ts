import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateLines } from '@ceres/lineproto';
import { planRestore, type RestoreReport, restore } from '@ceres/restore';
import { type Influxd, query } from '@ceres/testkit';
import { type BackupFile, backupOf } from '../../test/support/backup';
import { contentOf, nativeOf } from '../../test/support/native-content';
import { rejectedIn } from '../../test/support/workspace';
import { filesOf } from './lines';

/** What a round found. */
export interface RoundOutcome {
  readonly stored: number;
  readonly rejected: number;
  readonly expired: number;
  /** The values that the servers held in the end. */
  readonly values: number;
  readonly differences: readonly string[];
}

/** Restores the same lines into two servers, by lines and natively, and compares what becomes of them. */
export async function compareRound(
  [written, loaded]: readonly [Influxd, Influxd],
  lines: number,
  seed: number,
): Promise<RoundOutcome> {
  const database = `fuzz_${seed}`;
  const files = await filesOf(database, lines, seed);
  const theirs = await restored(written, files, { lanes: 1 });
  const ours = await restored(loaded, files, { native: nativeOf(loaded) });
  const differences = [
    ...counts(theirs.report, ours.report),
    ...odd('record', theirs.rejected, ours.rejected),
    ...odd('value', theirs.values, ours.values),
  ].map((difference) => `round ${seed}: ${difference}`);
  for (const server of [written, loaded]) await query(server.url, '', `DROP DATABASE ${database}`);
  const { lines: stored, rejected, expired } = ours.report;
  return { stored, rejected, expired, values: ours.values.length, differences };
}

interface Restored {
  readonly report: RestoreReport;
  /** The rejected records with their reasons, and the values, sorted. */
  readonly rejected: readonly string[];
  readonly values: readonly string[];
}

async function restored(server: Influxd, files: readonly BackupFile[], options: object): Promise<Restored> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-fuzz-native-'));
  try {
    const plan = await planRestore({ storage: await backupOf(...files), instance: 'src' });
    const places = { journalFile: join(folder, 'journal'), rejectsDir: join(folder, 'rejects'), scratchDir: folder };
    const report = await restore(plan, { to: { url: server.url }, ...places, ...options });
    const texts = Object.entries(await rejectedIn(places.rejectsDir));
    const rejected = texts.flatMap(([key, text]) =>
      text.split('# CERES-REASON: ').map((record) => `${key} ${withPlainReason(record)}`),
    );
    const values = [...(await contentOf(server))].map(([key, value]) => `${key} ${value}`);
    return { report, rejected: rejected.sort(), values: values.sort() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line that is wrong by itself has many names for what is wrong with it: InfluxDB's, and those of lineproto, which is more exact. */
function withPlainReason(entry: string): string {
  const [, record = ''] = /^code=\w+ bytes=\d+\n(.*)\n$/s.exec(entry) ?? [];
  const [invalid] = validateLines(Buffer.from(record, 'utf8'), { precision: 'ns' });
  return invalid === undefined ? entry : entry.replace(/^code=\w+/, 'code=INVALID');
}

function counts(theirs: RestoreReport, ours: RestoreReport): string[] {
  return (['files', 'lines', 'rejected', 'expired'] as const).flatMap((name) =>
    theirs[name] === ours[name] ? [] : [`${name}: ${theirs[name]} by lines, ${ours[name]} natively`],
  );
}

function odd(what: string, theirs: readonly string[], ours: readonly string[]): string[] {
  const [inTheirs, inOurs] = [new Set(theirs), new Set(ours)];
  return [
    ...theirs.filter((one) => !inOurs.has(one)).map((one) => `only by lines, a ${what}: ${JSON.stringify(one)}`),
    ...ours.filter((one) => !inTheirs.has(one)).map((one) => `only natively, a ${what}: ${JSON.stringify(one)}`),
  ].slice(0, 10);
}
