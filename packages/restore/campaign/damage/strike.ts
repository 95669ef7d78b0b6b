import { constants, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import { withHeaderCrc } from '@ceres/lineproto/internal';
import type { WholeFile } from './backup';

/** What became of a file. */
export interface Strike {
  readonly gz: Buffer;
  /** How it was damaged, for a message. */
  readonly how: string;
}

/** What a strike did to the content of a file, judged without any code of ours. */
export type Effect =
  | 'damaged' // what the file says is not what was written
  | 'harmless' // it unpacks to what was written
  | 'doubtful' // it says what was written, but its gzip data is not right: it may be named, and need not be
  | 'undetectable'; // a file that nothing certifies unpacks to something else without an error

/** The first bytes of a file that a plan reads. */
const headerBytes = 4096;

/** Damages a file: a flipped bit, a cut, a lost block, or a text that was altered and packed again. */
export function strike(file: WholeFile, random: () => number): Strike {
  const below = (count: number) => Math.floor(random() * count);
  const gz = Buffer.from(file.gz);
  const flip = (from: number, to: number) => {
    const bit = from * 8 + below((to - from) * 8);
    gz.writeUInt8(gz.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return `bit ${bit}`;
  };
  const kind = random();
  if (kind < 0.4) return { how: flip(0, gz.length), gz };
  if (kind < 0.65) return { how: `header ${flip(0, Math.min(headerBytes, gz.length >> 1))}`, gz };
  if (kind < 0.8) {
    const bytes = below(gz.length);
    return { how: `cut after ${bytes} bytes`, gz: gz.subarray(0, bytes) };
  }
  if (kind < 0.9) {
    const from = below(gz.length);
    return { how: `zeros from byte ${from} on`, gz: gz.fill(0, from, Math.min(gz.length, from + 1 + below(200))) };
  }
  if (file.origin === 'an older system') return { how: `the last bytes, ${flip(gz.length - 8, gz.length)}`, gz };
  const lie = lies[below(lies.length)] as Lie;
  return { how: lie.how, gz: gzipSync(lie.tell(file.text)) };
}

interface Lie {
  readonly how: string;
  readonly tell: (text: string) => string;
}

export const summaryLie = 'a summary that lies';

/** Texts that are whole as gzip, and that only their own certificates contradict. */
const lies: readonly Lie[] = [
  { how: 'an altered value', tell: (text) => text.replace(/v=(\d+)i/, 'v=7$1i') },
  { how: 'a lost line', tell: (text) => text.replace(/^m,.*\n/m, '') },
  { how: 'no footer', tell: (text) => text.replace(/^# CERES-END.*\n/m, '') },
  { how: 'a line behind the footer', tell: (text) => `${text}m,host=h0 v=999999i 1704844800\n` },
  { how: 'another database', tell: (text) => resealed(text.replace(/DATABASE: db_./, 'DATABASE: db_9')) },
  { how: 'another policy', tell: (text) => resealed(text.replace(/POLICY:.*/, 'POLICY: rp_z')) },
  { how: 'another instance', tell: (text) => resealed(text.replace(/INSTANCE: .*/, 'INSTANCE: other')) },
  { how: summaryLie, tell: (text) => resealed(text.replace(/ last=\d+/, ' last=1')) },
];

/** Gives a header that was altered the checksum that its writer would have given it. */
function resealed(text: string): string {
  const body = text.search(/^m,/m);
  const header = text.slice(0, body);
  return (header.includes('# CERES-HEADER-CRC') ? withHeaderCrc(header) : header) + text.slice(body);
}

export function effectOf(file: WholeFile, { gz }: Strike): Effect {
  if (gz.equals(file.gz)) return 'harmless';
  const strict = unpackedText(gz);
  if (strict === file.text) return 'harmless';
  if (strict !== undefined) return file.origin === 'an older system' ? 'undetectable' : 'damaged';
  return deflatedText(gz) === file.text ? 'doubtful' : 'damaged';
}

/** Returns the text in the deflate data, whatever the header and the trailer of the gzip say. */
function deflatedText(gz: Buffer): string | undefined {
  try {
    return inflateRawSync(gz.subarray(10), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch {
    return undefined;
  }
}

function unpackedText(gz: Buffer): string | undefined {
  try {
    return gunzipSync(gz).toString();
  } catch {
    return undefined;
  }
}
