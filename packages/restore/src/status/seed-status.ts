import type { FinishedSeed } from '@ceres/storage/internal';
import type { SeedStatus } from './types';

/** Returns what a manifest says of its seed, without the files. */
export function seedStatus({ manifest }: FinishedSeed): SeedStatus {
  const { id, source, server, takenMs, again, selection, partitions, files, losses } = manifest;
  const { measurements, fromNs, toNs } = selection;
  return {
    id,
    source,
    ...(server !== undefined && { server }),
    takenMs,
    again,
    partitions: partitions.map(({ database, retentionPolicy, lines }) => ({ database, retentionPolicy, lines })),
    files: files.length,
    lines: files.reduce((sum, file) => sum + file.lines, 0),
    ...(measurements !== undefined && { measurements }),
    ...(fromNs !== undefined && { fromNs }),
    ...(toNs !== undefined && { untilNs: toNs }),
    losses,
  };
}
