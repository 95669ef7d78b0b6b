import { greatest } from '@ceres/internal';
import { type ByteSource, parseTsmFileName, type ShardFile, tsmFileName } from '@ceres/tsm';

/** How far names of uploads are apart: influxd names what it compacts by the highest sequence plus 1. */
export const SEQUENCE_STEP = 1_000;

/** A file that can be opened as often as it is sent. */
export interface SentFile {
  open(): Promise<ByteSource>;
}

/** Opens files, and closes them after use. */
export async function withOpen<T>(
  files: readonly SentFile[],
  use: (sources: readonly ByteSource[]) => Promise<T>,
): Promise<T> {
  const sources: ByteSource[] = [];
  try {
    for (const file of files) sources.push(await file.open());
    return await use(sources);
  } finally {
    for (const source of sources) await source.close();
  }
}

/** Returns files under names of generation 0, in which what a shard has already wins. */
export function named(sources: readonly ByteSource[], first: number): ShardFile[] {
  return sources.map((source, i) => {
    return { name: tsmFileName({ generation: 0, sequence: first + i * SEQUENCE_STEP }), source };
  });
}

/** A source that someone else closes. */
export function kept(source: ByteSource): ByteSource {
  return { ...source, close: async () => undefined };
}

/** Returns the highest sequence among the names of files that lose against all others, where ours belong. */
export function highestSequence(names: readonly string[]): number {
  const sequences = names.map((one) => parseTsmFileName(one.replace(/\.tombstone$/, '.tsm')));
  return greatest(
    sequences.map((one) => (one?.generation === 0 ? one.sequence : 0)),
    0,
  );
}
