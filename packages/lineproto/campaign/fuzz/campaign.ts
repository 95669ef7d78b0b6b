import { scanLines, validateLines } from '@ceres/lineproto';
import { expectationOf, findDifference } from './compare';
import { type Kind, type Line, LineGenerator } from './generate';
import type { FuzzServer, WriteAnswer } from './server';

export interface FuzzOptions {
  readonly server: FuzzServer;
  readonly lines: number;
  readonly seed: number;
  readonly onProgress?: (lines: number) => void;
}

export interface FuzzReport {
  readonly seed: number;
  readonly lines: Readonly<Record<Kind, number>>;
  /** The records that we accept. A hostile line may be several records, or part of one. */
  readonly accepted: number;
  readonly refused: number;
  /** The accepted records that the server stores but may then not find. */
  readonly unreadable: number;
  /** Lines that we refuse and do not send, since they crash InfluxDB 1.6.7. `lines` does not count them. */
  readonly deadly: number;
  readonly batches: number;
  readonly differences: readonly string[];
}

const LF = Buffer.from('\n');

const BATCH_LINES = 2_000;

/** Lines that swallow what follows them would hide the rest of a large batch. */
const SWALLOWING_BATCH_LINES = 8;

/** Timestamps are unique, and stay so after most mutations. */
const TIME_START = 1_000_000_000_000n;
const TIME_STEP = 1_000n;

/** Generates lines and compares our reading of them with the server's. */
export async function fuzz({ server, lines, seed, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const generator = new LineGenerator(seed);
  const counts: Record<Kind, number> = { legal: 0, 'nearly legal': 0, hostile: 0, 'random bytes': 0 };
  const total = { accepted: 0, refused: 0, unreadable: 0, deadly: 0, batches: 0 };
  const differences: string[] = [];

  async function checkBatch({ lines: batch }: Batch): Promise<void> {
    const expected = expectationOf(join(batch));
    total.accepted += expected.accepted.size;
    total.refused += expected.refused;
    total.unreadable += expected.unreadable.size;
    total.batches += 1;
    const difference = await differenceIn(server, batch);
    if (difference !== undefined) differences.push(difference);
  }

  let swallowing = new Batch();
  for (let made = 0; made < lines; ) {
    generator.nextBatch();
    const plain = new Batch();
    while (made < lines && plain.lines.length < BATCH_LINES) {
      const line = generator.line(TIME_START + BigInt(made) * TIME_STEP);
      if (isDeadly(join([line]))) {
        total.deadly += 1;
        continue;
      }
      if (isDeliberate(line) || !(swallows(line) ? swallowing : plain).tryAdd(line)) continue;
      counts[line.kind] += 1;
      made += 1;
      if (swallowing.lines.length < SWALLOWING_BATCH_LINES) continue;
      await checkBatch(swallowing);
      swallowing = new Batch();
    }
    await checkBatch(plain);
    onProgress?.(made);
  }
  await checkBatch(swallowing);
  return { seed, lines: counts, ...total, differences };
}

/** Returns the first difference in a batch, reduced to as few of its lines as show it. */
async function differenceIn(server: FuzzServer, lines: readonly Line[]): Promise<string | undefined> {
  const difference = await compareOnce(server, lines);
  if (difference === undefined) return undefined;
  let [fewest, text] = [lines, difference];
  for (let step = Math.ceil(lines.length / 2); step >= 1; step = step === 1 ? 0 : Math.ceil(step / 2)) {
    for (let at = 0; at < fewest.length; ) {
      const fewer = fewest.toSpliced(at, step);
      const still = fewer.length === 0 ? undefined : await compareOnce(server, fewer);
      if (still === undefined) at += step;
      else [fewest, text] = [fewer, still];
    }
  }
  return `${text}\n  in: ${JSON.stringify(join(fewest).toString())}`;
}

async function compareOnce(server: FuzzServer, lines: readonly Line[]): Promise<string | undefined> {
  const bytes = join(lines);
  const expected = expectationOf(bytes);
  if (expected.isAmbiguous || isDeadly(bytes) || endsInHiddenLf(bytes))
    return lines.length > 1 ? compareHalves(server, lines) : undefined;
  let { answer, points } = await server.writeAndRead(bytes);
  // Once more: on a shared machine someone else may have ended the server.
  if (answer.status === 0) ({ answer, points } = await server.writeAndRead(bytes));
  const difference = answer.status === 0 ? answer.message : findDifference(expected, points);
  if (difference === undefined) return undefined;
  // One bad line can make the server refuse its whole batch: then the halves are compared, down to single lines.
  if (lines.length > 1 && refusesAll(answer)) return compareHalves(server, lines);
  return `${difference}\n  the server answered ${answer.status} ${answer.message.slice(0, 300)}`;
}

async function compareHalves(server: FuzzServer, lines: readonly Line[]): Promise<string | undefined> {
  const half = Math.ceil(lines.length / 2);
  return (await compareOnce(server, lines.slice(0, half))) ?? (await compareOnce(server, lines.slice(half)));
}

/** Returns whether the server refused a whole batch: a value that only its engine finds wrong (500), or a new field with two types in one line. */
function refusesAll({ status, message }: WriteAnswer): boolean {
  return status === 500 || (status === 400 && message.includes('"field type conflict"'));
}

function join(lines: readonly Line[]): Buffer {
  return Buffer.concat(lines.flatMap(({ bytes }) => [bytes, LF]));
}

/** Returns whether what follows the line becomes part of its last record. */
function swallows({ bytes }: Pick<Line, 'bytes'>): boolean {
  const probe = 'probe v=1 1';
  const records = [...scanLines(Buffer.concat([bytes, LF, Buffer.from(probe)]))].length;
  const alone = [...scanLines(Buffer.concat([bytes, LF]))].length;
  return records === alone;
}

/** Returns whether the server's engine would panic. Lines that are harmless alone can make such a record together. */
function isDeadly(bytes: Buffer): boolean {
  return Array.from(validateLines(bytes)).some(({ error }) => error.message.includes('a lone quote'));
}

/** Returns whether we refuse a record on purpose (the README says why): its last byte is a newline that a backslash hides. */
function endsInHiddenLf(bytes: Buffer): boolean {
  return Array.from(scanLines(bytes), ({ end }) => end).some((end) => bytes[end - 1] === LF[0]);
}

/**
 * Returns whether we refuse a line or read it otherwise on purpose (the README says why): a comment that holds a quote or a
 * backslash, or a record that only the blanks before it leave open, which the server takes where nothing follows.
 */
function isDeliberate({ bytes }: Line): boolean {
  const text = bytes.toString('latin1');
  if (/(?:^|\n)[ \t\0]*#[^\n]*["\\]/.test(text)) return true;
  const withoutBlanks = Buffer.from(text.replace(/(^|\n)[ \t\0]+/g, '$1'), 'latin1');
  return swallows({ bytes }) && !swallows({ bytes: withoutBlanks });
}

/** Collects lines whose records have different times, and whose fields agree on their types. */
class Batch {
  readonly lines: Line[] = [];
  readonly #times = new Set<bigint | undefined>();
  readonly #types = new Map<string, string>();

  tryAdd(line: Line): boolean {
    const { accepted, isAmbiguous } = expectationOf(Buffer.concat([line.bytes, LF]));
    if (isAmbiguous) return false;
    const types = new Map<string, string>();
    for (const [time, { measurement, fields }] of accepted) {
      if (this.#times.has(time)) return false;
      for (const [key, value] of Object.entries(fields)) {
        const field = `${measurement}\n${key}`;
        if ((this.#types.get(field) ?? types.get(field) ?? typeof value) !== typeof value) return false;
        types.set(field, typeof value);
      }
    }
    for (const time of accepted.keys()) this.#times.add(time);
    for (const [field, type] of types) this.#types.set(field, type);
    this.lines.push(line);
    return true;
  }
}
