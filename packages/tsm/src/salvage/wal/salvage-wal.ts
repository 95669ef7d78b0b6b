import type { ByteSource } from '../../files/byte-source';
import type { KnownNames } from '../../names/known-names';
import { isZero, type WalCut } from '../../shards/wal/read-wal';
import { WalContent } from '../../shards/wal/wal-content';
import type { ShardLosses } from '../losses';
import { DoubtfulWal } from './doubtful-wal';
import { EntryScan } from './entry-scan';

/**
 * Reads a WAL that may be damaged. Its entries carry no checksum: what is read must decompress to exactly one entry, with keys that are known, of
 * types and times that their shard can hold. Behind an entry that cannot be read, the next one is looked for.
 *
 * A crash may leave a part of an entry at the end of the last segment. That is not a loss: InfluxDB had not acknowledged it.
 *
 * @throws TsmError `UNREADABLE`; the reason of the signal
 */
export async function salvageWal(
  segments: readonly ByteSource[],
  names: KnownNames,
  losses: ShardLosses,
): Promise<{ readonly content: WalContent; readonly cuts: readonly WalCut[] }> {
  const content = new WalContent();
  const doubtful = new DoubtfulWal(names, losses);
  const cuts: WalCut[] = [];
  for (const [i, segment] of segments.entries()) {
    const { name, sizeBytes } = segment;
    for await (const step of new EntryScan(segment, names, losses).steps()) {
      if (step.kind === 'entry') {
        content.add(doubtful.sift(step.entry, name));
        continue;
      }
      const { from: position, to, mayBeTorn } = step;
      if (i === segments.length - 1 && to === sizeBytes && (mayBeTorn || (await isZero(segment, position))))
        cuts.push({ segment: name, position, sizeBytes });
      else losses.lost({ kind: 'wal', file: name, fromByte: position, toByte: to, reason: LOST });
    }
  }
  await doubtful.handOver();
  return { content, cuts };
}

const LOST = 'These entries cannot be read. If one of them deleted points, these may be among those that were read.';
