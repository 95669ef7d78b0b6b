import type { FaultyDisk } from '@ceres/testkit';

const spoolDir = '/var/spool';

/** Keeps a sink whose bucket is away from warning on stderr, once for each process of a schedule. */
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

/** Options under which a short schedule meets every limit. */
export const settings = {
  spoolDir,
  logger,
  precision: 'ns',
  segmentBytesMax: 1_500,
  segmentAgeMsMax: 60_000,
  bufferedBytesMax: 4_096,
  spoolBytesMax: 20_000,
  openFilesMax: 16,
  gzipLevel: 1,
  heartbeatMs: 30_000,
} as const;

/** Returns the files of a spool that are still to be stored or removed. */
export function waitingFiles(disk: FaultyDisk): string[] {
  return disk.files().filter((path) => !path.startsWith(`${spoolDir}/~spool/`));
}
