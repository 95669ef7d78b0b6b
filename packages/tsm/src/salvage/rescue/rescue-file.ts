import { ColumnBuffer } from '../../column';
import type { TsmError } from '../../errors';
import { dropTimes } from '../../files/deletes/time-ranges';
import { isFieldKey, splitKey } from '../../files/key';
import { TsmReader } from '../../files/tsm-reader';
import type { KnownNames } from '../../names/known-names';
import type { ShardLosses } from '../losses';
import type { SalvagedFile } from '../salvaged-file';
import { BLOCKS_START, BlockCheck } from './block-check';
import { Coverage } from './coverage';
import { isPrintable } from './find-key';
import { IndexScan } from './index-scan';
import { FOOTER_BYTES, toldIndexStart } from './index-start';
import { certainlyInOrder } from './order';
import { RescuedIndex } from './rescued-index';
import type { ScanStep } from './scan-step';

/** The shortest entry of an index: a key of 6 bytes with one block. */
const ENTRY_BYTES_MIN = 39;

/** What is known of a damaged file so far. */
interface Findings {
  readonly index: RescuedIndex;
  /** Which bytes the blocks of each key claim; those of blocks that are lost have the owner -1. */
  readonly coverage: Coverage;
  /** The beginning of the index, if any of it was found; else the end of the file. */
  readonly indexStart: number;
}

/**
 * Reads what can be read of a damaged TSM file, and returns a reader of what is certain. A key is certain if it leads to blocks with right checksums
 * that no other key leads to, is known, and is in its place in the order of keys.
 *
 * @param cause the first damage
 */
export async function rescueFile(
  file: SalvagedFile,
  names: KnownNames,
  losses: ShardLosses,
  cause: TsmError,
): Promise<TsmReader> {
  const findings = await scan(file, losses);
  reportGaps(file, findings, losses, cause);
  const doubts = findDoubts(findings, names);
  await handOver(file, findings.index, doubts, losses);
  return TsmReader.rescued(file.source, findings.index.without(doubts), file.tombstones);
}

async function scan({ source }: SalvagedFile, losses: ShardLosses): Promise<Findings> {
  const { sizeBytes } = source;
  const blocks = new BlockCheck(source);
  const end = Math.max(0, sizeBytes - FOOTER_BYTES);
  const told = await toldIndexStart(source, blocks, end);
  const isTold = told !== undefined;
  const start = isTold ? told : BLOCKS_START;
  const index = new RescuedIndex();
  const coverage = new Coverage();
  let indexStart = isTold ? told : sizeBytes;
  // Without its footer, a file may have been cut within its index.
  const scanEnd = isTold ? end : sizeBytes;
  for await (const step of new IndexScan(source, blocks, scanEnd, isTold ? BLOCKS_START : undefined).steps(start)) {
    losses.checkSignal();
    if (step.kind === 'key') {
      if (indexStart === sizeBytes) indexStart = step.start;
      addKey(step, index, coverage, source.name, losses);
    } else if (indexStart < sizeBytes && step.to - step.from >= ENTRY_BYTES_MIN) {
      losses.lost({
        kind: 'index',
        file: source.name,
        fromByte: step.from,
        toByte: step.to,
        reason: 'The names of points in this part of the index cannot be read.',
      });
    }
  }
  return { index, coverage, indexStart };
}

function addKey(
  { key, type, blocks, lost }: Extract<ScanStep, { kind: 'key' }>,
  index: RescuedIndex,
  coverage: Coverage,
  file: string,
  losses: ShardLosses,
): void {
  if (blocks.length > 0) index.add({ key, type, blocks });
  for (const { offset, sizeBytes } of blocks) coverage.add(offset, offset + sizeBytes, index.length - 1);
  for (const { offset, sizeBytes, first, last } of lost) {
    coverage.add(offset, offset + sizeBytes, -1);
    losses.lost({
      kind: 'block',
      file,
      key,
      ...(first <= last && { minTimeNs: first, maxTimeNs: last }),
      fromByte: offset,
      toByte: offset + sizeBytes,
      reason: 'The checksum of the block is wrong, or its bytes contradict the format.',
    });
  }
}

/** Reports the blocks that no entry of the index leads to. */
function reportGaps(
  { source }: SalvagedFile,
  { coverage, indexStart, index }: Findings,
  losses: ShardLosses,
  cause: TsmError,
): void {
  if (index.length === 0 && indexStart === source.sizeBytes) {
    losses.lost({
      kind: 'file',
      file: source.name,
      fromByte: 0,
      toByte: source.sizeBytes,
      reason: `Nothing of its index can be read, so that no point in it has a name. ${cause.message}`,
    });
    return;
  }
  for (const { from, to } of coverage.gaps(BLOCKS_START, indexStart)) {
    losses.lost({
      kind: 'index',
      file: source.name,
      fromByte: from,
      toByte: to,
      reason: 'Nothing in the index leads to the blocks in these bytes, so that their points have no name.',
    });
  }
}

/** Returns what speaks against a key, by its number. */
function findDoubts({ index, coverage }: Findings, names: KnownNames): ReadonlyMap<number, string> {
  const doubts = new Map<number, string>();
  for (const i of coverage.rivals()) if (i >= 0) doubts.set(i, 'Another key leads to the same block.');
  for (let i = 0; i < index.length; i += 1) {
    const key = index.key(i);
    const doubt = names.doubt(key, index.type(i)) ?? (names.knowsSeries || isPrintable(key) ? undefined : CONTROL);
    if (doubt !== undefined) doubts.set(i, doubt);
  }
  const rest = Array.from({ length: index.length }, (_, i) => i).filter((i) => !doubts.has(i));
  const isInOrder = certainlyInOrder(rest.length, (a, b) =>
    Buffer.compare(index.key(rest[a] as number), index.key(rest[b] as number)),
  );
  for (const [at, i] of rest.entries())
    if (!isInOrder[at]) doubts.set(i, 'The key is not in its place in the order of the index.');
  return doubts;
}

const CONTROL = 'The key has control characters, or is not UTF-8.';

/** Hands the points of doubtful keys over. */
async function handOver(
  { source, tombstones }: SalvagedFile,
  index: RescuedIndex,
  doubts: ReadonlyMap<number, string>,
  losses: ShardLosses,
): Promise<void> {
  const column = new ColumnBuffer();
  for (const [i, reason] of doubts) {
    const reader = TsmReader.rescued(source, index.only(i), tombstones);
    const cursor = reader.cursor();
    await cursor.next();
    const { key, type, blocks } = cursor;
    for (let block = 0; block < blocks.length; block += 1) {
      losses.checkSignal();
      await reader.readBlock(key, type, blocks, block, column);
      const deleted = reader.deletedFrom(key);
      if (deleted !== undefined) dropTimes(column, deleted);
      if (column.length === 0 || !isFieldKey(key)) continue;
      await losses.doubtful({ file: source.name, ...splitKey(key), column, reason });
    }
  }
}
