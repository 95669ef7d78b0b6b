import type { Pace } from '@ceres/internal';
import type { FileHeader, Precision } from '@ceres/lineproto';
import { wordsOf } from '../../compile/records/word-bounds';
import type { ResolvedSelection } from '../../options/selection';
import { isOutside } from '../../plan/headers';
import type { OrderedFile } from '../../plan/order';
import type { FileFinding } from '../../read/finding';
import type { FileReader } from '../../read/read-file';
import type { SequenceGaps } from '../../read/sequence-gaps';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import type { SummingUp } from '../scan/backup-sums';
import type { ScannedPolicy } from '../scan/record-scanner';

export interface BackupSideSettings {
  readonly selection: ResolvedSelection;
  /** The precision of files that do not name one. */
  readonly precision: Precision;
  readonly policies: ComparedPolicies;
  readonly summing: SummingUp;
  readonly reader: FileReader;
  /** Learns the sequence number of every file. */
  readonly sequences: SequenceGaps;
  readonly pace: Pick<Pace, 'pause'>;
}

/** Passes the records of a backup on, with the policy on the server that they belong to. */
export class BackupSide {
  readonly #settings: BackupSideSettings;
  /** The records that were passed on. */
  records = 0;
  readonly #scanned = new Map<ComparedPolicy, ScannedPolicy>();

  constructor(settings: BackupSideSettings) {
    this.#settings = settings;
  }

  /**
   * Adds the records of a file. Files must come in replay order.
   *
   * @returns what a user must know about the file, if anything
   */
  async read(file: OrderedFile): Promise<FileFinding | undefined> {
    const { selection, precision: fallback, reader, summing, sequences, pace } = this.#settings;
    return await reader.read(file, {
      damaged: (header) => sequences.add(header, file.key), // Else its number would be missing, too.
      header: (header) => {
        sequences.add(header, file.key);
        return !isOutside(header, selection);
      },
      batch: async ({ bytes, lines }, header) => {
        this.records += lines;
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        await summing.add(buffer, this.#policyOf(header), header.precision ?? fallback);
        await pace.pause(selection.signal);
      },
      settled: () => summing.settled(),
    });
  }

  #policyOf({ database, retentionPolicy }: FileHeader): ScannedPolicy {
    const { policies, selection } = this.#settings;
    const policy = policies.of(database, retentionPolicy);
    let scanned = this.#scanned.get(policy);
    if (scanned === undefined) {
      const { from, name } = policy;
      const { until, measurements } = selection;
      const words = (time: bigint | undefined) => (time === undefined ? undefined : wordsOf(time));
      scanned = { database: policy.database, name, from: words(from), until: words(until), measurements };
      this.#scanned.set(policy, scanned);
    }
    return scanned;
  }
}
