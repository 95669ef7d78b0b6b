import type { ResolvedComparison } from '../options/verify';
import type { OrderedFile } from '../plan/order';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { type FileFinding, findingsMax, isFault } from '../read/finding';
import { Findings } from '../read/findings';
import type { FileReader } from '../read/read-file';
import { SequenceGaps } from '../read/sequence-gaps';
import type { ComparedPolicies } from './compared-policies';
import type { Columns } from './digest/columns';
import type { Grid } from './digest/grid';
import { LastWrites } from './digest/last-writes';
import { BackupSide } from './sides/backup-side';
import type { NotCompared } from './verdict';

export interface BackupSettings extends Pick<ResolvedComparison, 'map' | 'precision' | 'scratchDir'> {
  readonly reader: FileReader;
  readonly policies: ComparedPolicies;
  readonly columns: Columns;
  readonly grid: Grid;
}

type Place = Pick<OrderedFile, 'database' | 'retentionPolicy'>;
type What = Pick<NotCompared, 'key' | 'reason'>;

/** What reading the backup has shown, apart from the sums. */
export interface BackupSummary {
  readonly findings: readonly FileFinding[];
  /** The files that are damaged or missing. */
  readonly notCompared: readonly NotCompared[];
}

/** Adds the last write of every value in the backup to the sums. */
export async function sumUpBackup(source: PlanSource, settings: BackupSettings): Promise<BackupSummary> {
  const { selection } = source;
  const { map, precision, scratchDir, reader, policies, columns, grid } = settings;
  const writes = new LastWrites(scratchDir);
  const findings = new Findings();
  const notCompared: NotCompared[] = [];
  const leaveOut = ({ database, retentionPolicy = '' }: Place, isOfSeveral: boolean, what: What) => {
    if (notCompared.length >= findingsMax) return;
    const { database: name, name: policy } = policies.of(database, retentionPolicy);
    // A file that switches between policies concerns all of its database.
    const place = { instance: selection.instance, database: name, ...(isOfSeveral ? {} : { retentionPolicy: policy }) };
    notCompared.push({ ...place, side: 'backup', ...what });
  };
  const isMixed = ({ database, retentionPolicy }: OrderedFile) =>
    source.partitions.some(
      (part) => part.database === database && part.retentionPolicy === retentionPolicy && part.mixed,
    );
  const sequences = new SequenceGaps();
  try {
    const side = new BackupSide({ selection, precision, policies, columns, writes, reader, sequences });
    for await (const file of inReplayOrder(source, (database) => map.database(database))) {
      const finding = await side.read(file);
      if (finding === undefined) continue;
      findings.add(finding);
      const { key, reason } = finding;
      if (isFault(finding)) leaveOut(file, isMixed(file), { ...(key && { key }), reason });
    }
    for (const { finding, ...gap } of sequences.gaps()) {
      findings.add(finding);
      leaveOut(gap, gap.isMixed, { reason: finding.reason });
    }
    await writes.visitLast((column, minute, hi, lo) => grid.add('backup', column, minute, hi, lo));
    return { findings: findings.list(), notCompared };
  } finally {
    await writes.remove();
  }
}
