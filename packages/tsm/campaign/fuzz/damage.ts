import { bytesSource, openShard, TsmError } from '@ceres/tsm';
import { addColumn, addShard, type Content, contentKey, differences, seriesKeyOf } from './content';
import { randomFields } from './random-fields';
import { shardFiles } from './round-trip';

/** What became of flipped bits. */
export interface DamageReport {
  readonly flips: number;
  /** A coded error. */
  readonly noticed: number;
  /** A bit of a key in the index: every value is right, and one key has another name. Nothing in the file can show it. */
  readonly renames: number;
  readonly differences: readonly string[];
}

const name = '000000001-000000001.tsm';
/** One bit at every 97th byte, and a cut there. */
const EVERY_BYTES = 97;

/** Flips a bit, and cuts, at every 97th byte of a TSM file: the answer must be a coded error or the right values. */
export async function damage(random: () => number, points: number): Promise<DamageReport> {
  const fields = randomFields(random, points, { first: 0n, last: 10n ** 15n }, 'ourselves');
  const expected: Content = new Map();
  for (const one of fields) addColumn(expected, contentKey(seriesKeyOf(one), one.field), one.column);
  const bytes = [...(await shardFiles(fields)).values()][0] as Uint8Array; // It is far below the size at which a second one begins.
  const report = { flips: 0, noticed: 0, renames: 0, differences: [] as string[] };
  for (let at = 0; at < bytes.length; at += EVERY_BYTES) {
    const cut = await contentOf(bytes.subarray(0, at));
    if (cut !== undefined) report.differences.push(`A file that was cut at ${at} was read without an error.`);
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << Math.floor(random() * 8));
    const content = await contentOf(flipped);
    report.flips += 1;
    if (content === undefined) report.noticed += 1;
    else if (isRenamed(expected, content)) report.renames += 1;
    else report.differences.push(...differences(`a bit flipped at ${at}`, expected, content));
  }
  return report;
}

/** Reads a file; `undefined` if it is refused by a coded error. Any other error is a fault of ours. */
async function contentOf(bytes: Uint8Array): Promise<Content | undefined> {
  try {
    const content: Content = new Map();
    await addShard(content, await openShard({ files: [{ name, source: bytesSource(name, bytes) }] }));
    return content;
  } catch (error) {
    if (error instanceof TsmError) return undefined;
    throw error;
  }
}

function isRenamed(expected: Content, found: Content): boolean {
  const missing = [...expected.keys()].filter((key) => !found.has(key));
  const added = [...found.keys()].filter((key) => !expected.has(key));
  const [before, after] = [missing[0], added[0]];
  if (missing.length !== 1 || added.length !== 1 || before === undefined || after === undefined) return false;
  const renamed: Content = new Map(found);
  renamed.delete(after);
  renamed.set(before, found.get(after) ?? new Map());
  return differences('', expected, renamed).length === 0;
}
