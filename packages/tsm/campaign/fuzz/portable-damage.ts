import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesSource, openPortableFolder, PortableWriter, TsmError } from '@ceres/tsm';
import { addColumn, type Content, contentKey, contentOf, differences, seriesKeyOf } from './content';
import type { DamageReport } from './damage';
import { randomFields } from './random-fields';
import { shardFiles } from './round-trip';

/** One bit at every 97th byte, and a cut there. */
const EVERY_BYTES = 97;
const WEEK_NS = 604_800_000_000_000n;
const place = { database: 'db', retentionPolicy: 'rp', id: 1 };

/**
 * Flips a bit, and cuts, in each file of a portable backup: the answer must be a coded error, or the right values under the right names.
 *
 * @param everyOfShort the bytes from one flip in the manifest or the metadata to the next
 */
export async function portableDamage(
  random: () => number,
  points: number,
  everyOfShort = EVERY_BYTES,
): Promise<DamageReport> {
  const fields = randomFields(random, points, { first: 0n, last: WEEK_NS - 1n }, 'ourselves');
  const expected: Content = new Map();
  for (const one of fields) addColumn(expected, contentKey(seriesKeyOf(one), one.field), one.column);
  const folder = await mkdtemp(join(tmpdir(), 'ceres-tsm-damage-'));
  const report = { flips: 0, noticed: 0, renames: 0, differences: [] as string[] };
  try {
    await write(folder, await shardFiles(fields));
    const intact = await metaText(folder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const whole = await readFile(path);
      for (let at = 0; at < whole.length; at += name.endsWith('.gz') ? EVERY_BYTES : everyOfShort) {
        await writeFile(path, whole.subarray(0, at));
        if ((await readBack(folder)) !== undefined)
          report.differences.push(`${name}, cut at ${at}, was read without an error.`);
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] as number) ^ (1 << Math.floor(random() * 8));
        await writeFile(path, flipped);
        const content = await readBack(folder);
        report.flips += 1;
        if (content === undefined) report.noticed += 1;
        else if ((await metaText(folder)) !== intact) report.renames += 1;
        else report.differences.push(...differences(`${name}, a bit flipped at ${at}`, expected, content));
      }
      await writeFile(path, whole);
    }
    return report;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function write(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const writer = new PortableWriter(folder, { stampMs: Date.UTC(2026, 0, 1), gzipLevel: 1 });
  await writer.add(
    place,
    [...files].map(([name, bytes]) => ({ name, source: bytesSource(name, bytes) })),
  );
  const group = { id: 1, startNs: 0n, endNs: WEEK_NS, shardIds: [1] };
  const policy = { name: 'rp', durationNs: 0n, shardGroupDurationNs: WEEK_NS, replication: 1, shardGroups: [group] };
  const database = { name: 'db', defaultRetentionPolicy: 'rp', retentionPolicies: [policy], continuousQueries: [] };
  await writer.finish({ databases: [database], shardGroupIdMax: 1, shardIdMax: 1 });
}

/** Reads the backup; `undefined` if it is refused by a coded error. Any other error is a fault of ours. */
async function readBack(folder: string): Promise<Content | undefined> {
  try {
    return await contentOf(await openPortableFolder(folder), place.database);
  } catch (error) {
    if (error instanceof TsmError) return undefined;
    throw error;
  }
}

/** Returns what the metadata says: a change of it alone is a policy or a group with another name, duration or time. */
async function metaText(folder: string): Promise<string> {
  const { meta } = await openPortableFolder(folder);
  return JSON.stringify(meta, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
