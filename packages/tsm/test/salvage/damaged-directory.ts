import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Column, valueAt } from '../../src/column';
import { openDataDirectory } from '../../src/containers/data-directory/open-data-directory';
import type { SalvageLoss, UncheckedNames } from '../../src/salvage/contract';
import type { WalCut } from '../../src/shards/wal/read-wal';

/** What a salvage gave, as texts: `series field time=value`. */
export interface Salvaged {
  readonly points: readonly string[];
  readonly doubtful: readonly string[];
  /** The reasons of what is doubtful, each once. */
  readonly doubts: readonly string[];
  readonly losses: readonly SalvageLoss[];
  readonly unchecked: readonly UncheckedNames[];
  readonly cuts: readonly WalCut[];
}

/** Writes files below a folder, by their paths. */
export async function writeFiles(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
}

/** Flips one bit of a file. */
export async function flip(path: string, at: number, bit = 0): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] as number) ^ (1 << bit);
  await writeFile(path, bytes);
}

/** Reads what can be read of `root/data` and `root/wal`. */
export async function salvage(root: string, signal?: AbortSignal): Promise<Salvaged> {
  const points: string[] = [];
  const doubtful: string[] = [];
  const doubts = new Set<string>();
  const losses: SalvageLoss[] = [];
  const unchecked: UncheckedNames[] = [];
  const cuts: WalCut[] = [];
  const { shards } = await openDataDirectory(join(root, 'data'), {
    salvage: {
      onLoss: (loss) => losses.push(loss),
      onDoubtful: ({ seriesKey, field, column, reason }) => {
        doubtful.push(...texts(seriesKey, field, column));
        doubts.add(reason);
      },
      onUnchecked: (one) => unchecked.push(one),
      ...(signal && { signal }),
    },
  });
  for (const stored of shards) {
    const shard = await stored.open();
    for await (const { seriesKey, field, column } of shard.columns()) points.push(...texts(seriesKey, field, column));
    cuts.push(...shard.walCuts);
    await shard.close();
  }
  return { points, doubtful, doubts: [...doubts], losses, unchecked, cuts };
}

function texts(seriesKey: Uint8Array, field: Uint8Array, column: Column): string[] {
  return Array.from({ length: column.length }, (_, i) => {
    const value = valueAt(column, i);
    return `${Buffer.from(seriesKey)} ${Buffer.from(field)} ${column.times[i]}=${value instanceof Uint8Array ? Buffer.from(value) : value}`;
  });
}
