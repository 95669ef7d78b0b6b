import type { ResolvedComparison } from '../options/verify';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { type FileFinding, findingsMax, isFault } from '../read/finding';
import { SequenceGaps } from '../read/sequence-gaps';
import type { ComparedPolicies } from './compared-policies';
import type { Columns } from './digest/columns';
import type { Grid } from './digest/grid';
import { LastWrites } from './digest/last-writes';
import { BackupSide } from './sides/backup-side';
import type { NotCompared } from './verdict';

export interface BackupSettings extends Pick<ResolvedComparison, 'map' | 'precision' | 'scratchDir'> {
  readonly policies: ComparedPolicies;
  readonly columns: Columns;
  readonly grid: Grid;
}

/** What reading the backup has shown, apart from the sums. */
export interface BackupSummary {
  readonly findings: readonly FileFinding[];
  /** The files that are damaged or missing. */
  readonly notCompared: readonly NotCompared[];
}

/** Adds the last write of every value in the backup to the sums. */
export async function sumUpBackup(source: PlanSource, settings: BackupSettings): Promise<BackupSummary> {
  const { selection } = source;
  const { map, precision, scratchDir, policies, columns, grid } = settings;
  const writes = new LastWrites(scratchDir);
  const findings: FileFinding[] = [];
  const notCompared: NotCompared[] = [];
  const placeOf = (database: string, policy = '') => {
    const { database: name, name: retentionPolicy } = policies.of(database, policy);
    return { instance: selection.instance, database: name, retentionPolicy };
  };
  const sequences = new SequenceGaps();
  try {
    const side = new BackupSide({ selection, precision, policies, columns, writes, sequences });
    for await (const file of inReplayOrder(source, (database) => map.database(database))) {
      const finding = await side.read(file);
      if (finding === undefined || findings.length >= findingsMax) continue;
      findings.push(finding);
      const { key, reason } = finding;
      if (isFault(finding))
        notCompared.push({ ...placeOf(file.database, file.retentionPolicy), ...(key && { key }), reason });
    }
    for (const { database, retentionPolicy, ...gap } of sequences.gaps().slice(0, findingsMax)) {
      findings.push(gap);
      notCompared.push({ ...placeOf(database, retentionPolicy), reason: gap.reason });
    }
    await writes.visitLast((column, minute, hi, lo) => grid.add('backup', column, minute, hi, lo));
    return { findings, notCompared };
  } finally {
    await writes.remove();
  }
}
