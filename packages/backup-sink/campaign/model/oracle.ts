import { decodeFile } from '@ceres/lineproto';
import { parseKey } from '@ceres/storage';
import type { Written } from './written';

/** What the bucket holds of a schedule's writes, and which promises that breaks. */
export interface Audit {
  readonly ackedLines: number;
  readonly lostLines: number;
  readonly duplicatedLines: number;
  readonly violations: readonly string[];
}

interface StoredFile {
  readonly key: string;
  readonly id: string;
  readonly partition: string;
  readonly writer: string;
  readonly sequence: bigint;
  /** The ids of the file's writes, in order. */
  readonly writes: readonly number[];
}

/**
 * Checks the promises: every acked line is stored; lines replayed in the order of the files' names are in the order of the
 * calls; every stored line was written; no write is stored in part; every file is sealed; no sequence number is missing.
 */
export async function audit(
  objects: ReadonlyMap<string, Buffer>,
  written: readonly Written[],
  isCloned: boolean,
): Promise<Audit> {
  const violations: string[] = [];
  const files: StoredFile[] = [];
  for (const [key, gz] of objects) {
    if (!key.startsWith('~heartbeat/')) files.push(await read(key, gz, written, violations));
  }
  files.sort((a, b) => (a.id < b.id ? -1 : 1));

  const copies = new Map<number, number>();
  for (const file of files) for (const id of file.writes) copies.set(id, (copies.get(id) ?? 0) + 1);
  const acked = written.filter((write) => write.acked);
  const lost = acked.filter(({ id }) => !copies.has(id));
  for (const { id } of lost) violations.push(`write ${id} was acked and is lost`);
  if (!isCloned) violations.push(...outOfOrder(files), ...missingNumbers(files));

  const linesOf = (writes: readonly Written[]) => writes.reduce((sum, { lines }) => sum + lines, 0);
  const duplicated = written.map(({ id, lines }) => Math.max(0, (copies.get(id) ?? 0) - 1) * lines);
  return {
    ackedLines: linesOf(acked),
    lostLines: linesOf(lost),
    duplicatedLines: duplicated.reduce((sum, lines) => sum + lines, 0),
    violations,
  };
}

async function read(key: string, gz: Buffer, written: readonly Written[], violations: string[]): Promise<StoredFile> {
  const parts = parseKey(key);
  if (parts === undefined) throw new Error(`The bucket holds something else than backup files: ${key}`);
  const file = decodeFile(chunk(gz), { batchBytesMax: 1_000_000, batchLinesMax: 100_000 });
  let text = '';
  for await (const batch of file) text += Buffer.from(batch.bytes).toString();
  const integrity = await file.integrity;
  if (integrity.status !== 'sealed') violations.push(`${key} is ${integrity.status}`);
  const { writer = '', sequence = 0n } = await file.header;

  const writes: number[] = [];
  let expectedLine = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, id, number] = /^m,w=(\d+) l=(\d+)i,text="[0-9a-z]*" \d+$/.exec(line) ?? [];
    const write = written[Number(id)];
    if (write === undefined) {
      violations.push(`${key} holds a line that was never written: ${line}`);
      continue;
    }
    if (Number(number) !== expectedLine) violations.push(`${key} holds write ${id} in part`);
    if (expectedLine === 0) writes.push(write.id);
    expectedLine = Number(number) + 1 === write.lines ? 0 : Number(number) + 1;
  }
  if (expectedLine !== 0) violations.push(`${key} ends within a write`);
  const partition = `${parts.instance}/${parts.database}/${parts.retentionPolicy ?? ''}`;
  return { key, id: parts.id, partition, writer, sequence, writes };
}

/** Finds writes that are replayed in another order than they were made. One that is stored twice counts where it is replayed last. */
function outOfOrder(files: readonly StoredFile[]): string[] {
  const violations: string[] = [];
  for (const [partition, own] of groupBy(files, (file) => file.partition)) {
    const replayed = own.flatMap((file) => file.writes);
    const last = [...new Set(replayed.toReversed())].toReversed();
    last.forEach((id, i) => {
      const before = last[i - 1];
      if (before !== undefined && before > id) violations.push(`${partition}: write ${id} is replayed after ${before}`);
    });
  }
  return violations;
}

function missingNumbers(files: readonly StoredFile[]): string[] {
  const violations: string[] = [];
  for (const [run, own] of groupBy(files, (file) => `${file.writer} ${file.partition}`)) {
    const numbers = new Set(own.map(({ sequence }) => sequence));
    for (let n = 1n; n <= BigInt(numbers.size); n += 1n)
      if (!numbers.has(n)) violations.push(`${run}: file ${n} is missing`);
  }
  return violations;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

async function* chunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
