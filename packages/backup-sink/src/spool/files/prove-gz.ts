import { dirname, join } from 'node:path';
import { gunzip } from '@ceres/lineproto/internal';
import type { FileSystem } from '@ceres/storage';
import type { SpoolDisk } from '../disk/directories';
import { readFile } from '../disk/read-file';
import { formatSpoolFileName } from '../layout';

/**
 * Returns whether a `.gz` of an earlier run is still what was written: gzip to its last byte, whose text has the length and the CRC-32
 * that stand behind it, as in the files of every version of this package.
 *
 * `node:zlib` alone does not do: where zeros follow the gzip in one block, a stream of it may never end (measured, Node 20).
 *
 * @param take is given the file's bytes
 * @throws the file system's error
 */
export async function isWholeGz(
  fs: FileSystem,
  path: string,
  take: (bytes: Uint8Array) => void = () => undefined,
): Promise<boolean> {
  let last = Buffer.alloc(0);
  const bytes = async function* () {
    for await (const block of readFile(fs, path)) {
      take(block);
      last = Buffer.concat([last, block.subarray(-4)]).subarray(-4);
      yield block;
    }
  };
  const text = gunzip(bytes());
  let step = await text.next();
  while (!step.done) step = await text.next();
  // A gzip file ends with the length of its text. Zeros there are behind the end: InfluxDB's importer would stop at them.
  const hasZerosBehind = last.every((byte) => byte === 0);
  return step.value.status === 'complete' && !step.value.hasGarbage && !hasZerosBehind;
}

/** Gives a damaged `.gz` a name that the sink leaves alone. Takes no room on a full disk. Returns its new path. */
export async function setAside({ directories }: SpoolDisk, path: string, id: string): Promise<string> {
  const kept = join(dirname(path), formatSpoolFileName({ id, kind: 'damaged.gz', tried: false }));
  await directories.move(path, kept);
  return kept;
}
