import { type FileDamage, type FileFault, type FileHeader, LineProtocolError, nanosecondsPer } from '@ceres/lineproto';
import { type LedgerFinding, StorageError } from '@ceres/storage';

/** Says what an operator should know about a file, or about a missing one. */
export type FileProblem =
  | FileFault // the file is damaged
  | 'no-header' // it is not gzip, or has no header that says where its lines belong
  | 'missing' // it is gone since it was listed
  | 'unreadable' // the storage cannot read it
  | 'changed' // its content changed while it was read
  | 'other-file' // it is whole, and not the file that the manifest of its seed names
  | 'gap' // sequence numbers are missing: files were lost
  | LedgerFinding['kind'] // what a sink's ledger says is missing
  | 'unsealed'; // a file of an older system: nothing certifies it, and nothing speaks against it

/** Something that an operator should know about a file, or about missing ones. */
export interface FileFinding {
  /** Names the finding for the option `accept`: the file's key, or for a gap `WRITER/DATABASE/POLICY/NUMBERS`. */
  readonly name: string;
  /** Absent if the file itself is missing. */
  readonly key?: string;
  readonly problem: FileProblem;
  readonly reason: string;
  /** The run of the sink that wrote the file. */
  readonly writer?: string;
  /** The records at risk, as the header counts them, or else as many as could be read. */
  readonly lines?: number;
  /** The times of the first and the last record at risk, as the header says them, ns since the epoch. */
  readonly first?: bigint;
  readonly last?: bigint;
  /** Set if a later seed holds what is damaged or missing: the finding does not speak against the backup. */
  readonly closed?: true;
}

/** The findings that a report keeps. More would say nothing new. */
export const findingsMax = 10_000;

/**
 * Returns whether a finding speaks against the backup. A silent sink alone does not: it may have had nothing to say any more. What a later seed
 * holds does not either.
 */
export function isFault({ problem, closed }: FileFinding): boolean {
  return problem !== 'unsealed' && problem !== 'silent' && closed !== true;
}

/** Returns the finding for a damaged file. */
export function damageFinding(
  key: string,
  { fault, reason }: FileDamage,
  header: FileHeader | undefined,
  linesRead: number,
): FileFinding {
  const { writer, summary, precision } = header ?? {};
  const unit = nanosecondsPer[precision ?? 's'];
  const [first, last] = [(summary?.firstTimestamp ?? 0n) * unit, (summary?.lastTimestamp ?? 0n) * unit];
  // A damaged header may say any time.
  const hasTimes = summary !== undefined && precision !== undefined && isInt64(first) && isInt64(last);
  return {
    name: key,
    key,
    problem: fault,
    reason,
    ...(writer !== undefined && { writer }),
    lines: summary?.lines ?? linesRead,
    ...(hasTimes && { first, last }),
  };
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** Returns the finding for a file that is whole, and not the one that was stored. */
export function otherFileFinding(key: string, header: FileHeader | undefined, linesRead: number): FileFinding {
  const reason = 'its MD5 is not the one in the manifest of its seed: it is another file';
  return { ...damageFinding(key, { fault: 'footer-wrong', reason }, header, linesRead), problem: 'other-file' };
}

/** Returns the finding for a file of an older system. */
export function unsealedFinding(key: string): FileFinding {
  return { name: key, key, problem: 'unsealed', reason: 'no footer: an older system made it' };
}

/** Returns the finding for a file that cannot be read for an error; `undefined` for an error that is not the file's. */
export function unreadableFinding(key: string, error: unknown): FileFinding | undefined {
  if (error instanceof LineProtocolError && error.code === 'NOT_A_BACKUP_FILE') {
    return { name: key, key, problem: 'no-header', reason: error.message };
  }
  if (error instanceof LineProtocolError && error.code === 'CHANGED') {
    return { name: key, key, problem: 'changed', reason: error.message };
  }
  if (error instanceof StorageError && error.code === 'NOT_FOUND') {
    return { name: key, key, problem: 'missing', reason: 'it is gone since it was listed' };
  }
  return undefined;
}
