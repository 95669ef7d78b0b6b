import { randomUUID } from 'node:crypto';
import type { PolicySchema } from '@ceres/lineproto';
import type { ResolvedOptions } from './options/sink-options';
import type { Reporter } from './report/reporter';
import { Slots } from './scheduling/slots';
import { steadyClock } from './scheduling/steady-clock';
import type { Backlog, SpoolFile } from './spool/files/backlog';
import { discardFile, renameFile } from './spool/files/file-moves';
import type { SpoolPartition } from './spool/layout';
import type { OpenSpool } from './spool/open-spool';
import { recoverLate } from './spool/recovery/recover-late';
import { BufferPool } from './spool/segment/buffer-pool';
import { formatSegmentHeader } from './spool/segment/header';
import { OpenFiles } from './spool/segment/open-files';
import { AckQueue } from './write/ack-queue';

/**
 * More than libuv's four threads, so that these never wait for the event loop, and files written side by side share a commit of the file
 * system: 16 partitions reach twice what 4 do. Not many more: a block of gzip waits behind all of them.
 */
const commitsAtOnce = 16;

/** What the stages share; each declares the part that it needs. */
export function createEnvironment(
  options: ResolvedOptions,
  spool: OpenSpool,
  backlog: Backlog,
  reporter: Reporter,
  signal: AbortSignal,
) {
  const { fs, storage } = options;
  const clock = steadyClock(options.clock);
  const files = new OpenFiles(fs, options.openFilesMax, (path, error) => reporter.fault(error, path));
  const failed = (error: unknown, { path, lines = 0 }: { readonly path: string; readonly lines?: number }) =>
    reporter.fault(error, path, lines);
  const { directories } = spool;
  const assertOwned = () => spool.lock.assertHeld();
  const damaged = (path: string) => reporter.damage(path);
  const recoveries = new Slots(1);
  const recovering = { fs, clock, backlog, signal, directories, recoveries, assertOwned, failed, damaged };
  return {
    ...{ fs, clock, storage, backlog, reporter, signal, files, failed },
    segmentBytesMax: options.segmentBytesMax,
    segmentAgeMsMax: options.segmentAgeMsMax,
    gzipLevel: options.gzipLevel,
    names: spool.names,
    disk: { fs, files, directories },
    directories,
    commits: new Slots(commitsAtOnce),
    buffers: new BufferPool(),
    acks: new AckQueue(),
    uploads: new Slots(options.uploadConcurrency),
    header: segmentHeaders(options, reporter),
    assertOwned,
    damaged,
    recover: (file: SpoolFile) => recoverLate(file, recovering),
    rename: (file: SpoolFile, to: { readonly id: string; readonly tried: boolean }) =>
      renameFile({ fs, directories }, file, to),
    discard: (file: SpoolFile) => discardFile(file, { fs, own: spool.own, backlog, clock, signal, failed }),
    retrying: (file: SpoolFile, error: Error, attempt: number, delayMs: number) =>
      reporter.tell('retry', { path: file.path, error, attempt, delayMs }),
    taken: (file: SpoolFile, takenKey: string) => reporter.tell('renamed', { takenKey, path: file.path }),
  };
}

/** A file without its policy is better than none: what `policies` gets wrong is told, and left out. */
function segmentHeaders({ precision, policies }: ResolvedOptions, reporter: Reporter) {
  const writer = randomUUID();
  return (partition: SpoolPartition, sequence: bigint): string => {
    const facts = { precision, writer, sequence };
    const { instance, database, retentionPolicy } = partition;
    let policy: PolicySchema | undefined;
    try {
      policy = policies({ instance, database, retentionPolicy });
      return formatSegmentHeader(partition, { ...facts, policy });
    } catch (error) {
      reporter.fault(error, partition.directory);
      return formatSegmentHeader(partition, { ...facts, policy: undefined });
    }
  };
}
