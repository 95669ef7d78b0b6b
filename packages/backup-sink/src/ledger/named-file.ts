import { nanosecondsPer } from '@ceres/internal';
import { LineProtocolError, type LineSummary, type Precision, readHeader } from '@ceres/lineproto';
import type { ObjectBody } from '@ceres/storage';
import type { NamedFile } from '@ceres/storage/internal';
import type { SpoolFile } from '../spool/files/spool-file';

/** How a file came into the storage. */
export interface Upload {
  readonly key: string;
  readonly body: ObjectBody;
  /** False if the storage had the file already: an earlier attempt arrived. */
  readonly isCreated: boolean;
}

type Known = Pick<NamedFile, 'lines' | 'fromNs' | 'toNs'>;

/** Returns what the ledger says of a file that the storage has. */
export async function namedFile(file: SpoolFile, upload: Upload, precision: Precision): Promise<NamedFile> {
  const { key, body, isCreated } = upload;
  // What is compressed in memory may be compressed otherwise after a restart: then other bytes may have arrived than these.
  const isSame = isCreated || file.path.endsWith('.gz');
  const { sizeBytes, md5 } = body;
  return {
    state: 'stored',
    key,
    ...(isSame && md5 !== undefined && { sizeBytes, md5 }),
    ...(await knownLines(file, body, precision)),
  };
}

async function knownLines(file: SpoolFile, body: ObjectBody, precision: Precision): Promise<Known> {
  const { summary, partition, lines } = file;
  if (partition.quarantine) return lines > 0 ? { lines } : {};
  if (summary !== undefined) return inNanoseconds(summary, precision);
  return await linesOfHeader(body);
}

/** A file of an earlier run says in its header what its lines are. What cannot be read is not known: the storage has the file. */
async function linesOfHeader(body: ObjectBody): Promise<Known> {
  try {
    for await (const start of body.open()) {
      const { summary, precision = 'ns' } = readHeader(start);
      return summary === undefined ? {} : inNanoseconds(summary, precision);
    }
  } catch (error) {
    if (!(error instanceof LineProtocolError) && !(error instanceof Error && 'code' in error)) throw error;
  }
  return {};
}

type Times = Pick<LineSummary, 'lines' | 'firstTimestamp' | 'lastTimestamp'>;

function inNanoseconds({ lines, firstTimestamp, lastTimestamp }: Times, precision: Precision): Known {
  if (firstTimestamp === undefined || lastTimestamp === undefined) return { lines };
  const unit = nanosecondsPer[precision];
  return { lines, fromNs: firstTimestamp * unit, toNs: lastTimestamp * unit };
}
