import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Truth } from './truth';

/** What was done to a file. */
export interface Strike {
  /** The path below the folder that holds `data` and `wal`. */
  readonly path: string;
  readonly kind: 'flip' | 'cut' | 'removal' | 'bad name';
  /** The byte in which a bit was flipped, or the first one that was cut off. */
  readonly at: number;
  /** Undoes it. */
  undo(): Promise<void>;
}

/** One strike in this many is of each rare kind. */
const RARE = 20;

/** Damages one file at random: half of the strikes hit any byte of all files, and half any file. */
export async function strike(root: string, truth: Truth, random: () => number): Promise<Strike> {
  const { path, sizeBytes } = random() < 0.5 ? anyByte(truth, random) : anyFile(truth, random);
  const file = join(root, path);
  const whole = await readFile(file);
  const at = Math.floor(random() * sizeBytes);
  const how = Math.floor(random() * RARE);
  const undo = () => writeFile(file, whole);
  // Nothing tells of a TSM file or a segment that is gone.
  if (how === 0 && !/\.(?:tsm|wal|tombstone)$/.test(path)) {
    await rm(file);
    return { path, kind: 'removal', at: 0, undo };
  }
  if (how === 1 && path.endsWith('.tsm')) {
    const bad = `${file}.bad`;
    await rm(file);
    await writeFile(bad, withFlip(whole, at, random));
    const restore = async () => {
      await rm(bad);
      await undo();
    };
    return { path, kind: 'bad name', at, undo: restore };
  }
  if (how < RARE / 4) {
    await truncate(file, at);
    return { path, kind: 'cut', at, undo };
  }
  await writeFile(file, withFlip(whole, at, random));
  return { path, kind: 'flip', at, undo };
}

function anyByte({ files }: Truth, random: () => number): StruckFile {
  let left = random() * files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const file of files) {
    left -= file.sizeBytes;
    if (left < 0) return file;
  }
  return anyFile({ files }, random);
}

function anyFile({ files }: Pick<Truth, 'files'>, random: () => number): StruckFile {
  return files[Math.floor(random() * files.length)] as StruckFile;
}

type StruckFile = Truth['files'][number];

function withFlip(whole: Uint8Array, at: number, random: () => number): Uint8Array {
  const flipped = Uint8Array.from(whole);
  flipped[at] = (flipped[at] as number) ^ (1 << Math.floor(random() * 8));
  return flipped;
}
