import type { ResolvedSelection } from '../../options/selection';
import type { ResolvedComparison } from '../../options/verify';
import type { OrderedFile } from '../../plan/order';
import { inReplayOrder, type PlanSource } from '../../plan/plan';
import { type FileFinding, findingsMax, isFault } from '../../read/finding';
import { Findings } from '../../read/findings';
import { readLedgers } from '../../read/missing';
import type { FileReader } from '../../read/read-file';
import { type SequenceGap, SequenceGaps } from '../../read/sequence-gaps';
import type { ComparedPolicies } from '../compared-policies';
import type { SummingUp } from '../scan/backup-sums';
import { BackupSide } from '../sides/backup-side';
import type { NotCompared } from '../verdict';

export interface BackupSettings extends Pick<ResolvedComparison, 'map' | 'precision' | 'pace'> {
  readonly reader: FileReader;
  readonly policies: ComparedPolicies;
  readonly summing: SummingUp;
}

type Place = Pick<OrderedFile, 'database' | 'retentionPolicy'>;
type What = Pick<NotCompared, 'key' | 'reason'>;

/** What reading the backup has shown, apart from the sums. */
export interface BackupSummary {
  readonly findings: readonly FileFinding[];
  /** The files that are damaged or missing. */
  readonly notCompared: readonly NotCompared[];
  /** The records that were read. */
  readonly records: number;
}

/** Passes all records of the backup on to be summed up. */
export async function sumUpBackup(source: PlanSource, settings: BackupSettings): Promise<BackupSummary> {
  const { selection } = source;
  const { map, precision, reader, policies, summing, pace } = settings;
  const findings = new Findings();
  const notCompared: NotCompared[] = [];
  const leaveOut = ({ database, retentionPolicy = '' }: Place, isOfSeveral: boolean, what: What) => {
    if (notCompared.length >= findingsMax) return;
    const { database: name, name: policy } = policies.of(database, retentionPolicy);
    // A file that switches between policies concerns all of its database.
    const place = { instance: selection.instance, database: name, ...(isOfSeveral ? {} : { retentionPolicy: policy }) };
    notCompared.push({ ...place, side: 'backup', ...what });
  };
  const mixed = new Set(source.partitions.filter((part) => part.mixed !== undefined).map(partitionName));
  const isMixed = (file: OrderedFile) => mixed.has(partitionName(file));
  const sequences = new SequenceGaps();
  /** The damaged files that a seed has made up for: the header with its number may be damaged, too. */
  const closedKeys: string[] = [];
  const side = new BackupSide({ selection, precision, policies, summing, reader, sequences, pace });
  for await (const file of inReplayOrder(source, (database) => map.database(database))) {
    const finding = await side.read(file);
    if (finding === undefined) continue;
    findings.add(finding);
    const { key, reason, closed } = finding;
    if (closed && key !== undefined) closedKeys.push(key);
    if (isFault(finding)) leaveOut(file, isMixed(file), { ...(key && { key }), reason });
  }
  for (const { finding, ...gap } of await gapsIn(sequences, closedKeys, selection)) {
    findings.add(finding);
    if (isFault(finding)) leaveOut(gap, gap.isMixed, { reason: finding.reason });
  }
  return { findings: findings.list(), notCompared, records: side.records };
}

/** Returns the gaps in sequence numbers. Ledgers are read only where they may say that a seed has made up for one. */
async function gapsIn(
  sequences: SequenceGaps,
  closedKeys: readonly string[],
  selection: ResolvedSelection,
): Promise<SequenceGap[]> {
  const gaps = sequences.gaps(selection.seeds, closedKeys);
  if (gaps.length === 0 || selection.seeds.seeds.length === 0) return gaps;
  const ledgers = await readLedgers(selection);
  return sequences.gaps(selection.seeds, [...closedKeys, ...ledgers.closedKeys]);
}

function partitionName({ database, retentionPolicy }: Pick<OrderedFile, 'database' | 'retentionPolicy'>): string {
  return JSON.stringify([database, retentionPolicy]);
}
