import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { ByteSource } from './byte-source';
import { measureMemberHeader } from './gzip-member';
import type { InflateRoom } from './inflate-room';
import { type InflateStep, RawInflate } from './raw-inflate';

/** Says how a gzip stream ended. */
export type GzipEnd =
  /** `hasGarbage`: bytes follow the last member that are not gzip, and not zeros. */
  | { readonly status: 'complete'; readonly hasGarbage?: boolean }
  | { readonly status: 'truncated' }
  | { readonly status: 'corrupt'; readonly reason: string }
  | { readonly status: 'not gzip' };

/**
 * The bytes of input that are inflated in one step. For each step, zlib's thread and this one wake each other: with steps of
 * 32 KiB, a file takes a fifth longer. But zlib withholds the output of the step in which it finds damage: so steps begin small, and
 * damage near the start of a file costs little.
 */
const STEP_BYTES_MIN = 512;
const STEP_BYTES_MAX = 256 * 1024;

/** The size of the chunks that are returned: they stay in the processor's cache from one use to the next. */
const CHUNK_BYTES = 256 * 1024;

const TRAILER_BYTES = 8;

/**
 * Inflates all members of a gzip file, and returns how it ended instead of throwing, so that what came before damage is kept.
 *
 * It inflates one member at a time: `node:zlib` alone loses good output before garbage that follows a whole member (measured,
 * Node 20). What follows the last member and is not gzip is ignored, as by the `gzip` tool.
 *
 * @param room the memory for the output. Default: new memory
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  room?: InflateRoom,
): AsyncGenerator<Buffer, GzipEnd, undefined> {
  const source = new ByteSource(chunks);
  try {
    for (let members = 0; ; members += 1) {
      const start = await startMember(source);
      if (start === 'truncated') return { status: 'truncated' };
      if (start === 'garbage' && members === 0) return { status: 'not gzip' };
      if (start !== 'member') {
        return members === 0 ? { status: 'truncated' } : { status: 'complete', hasGarbage: start === 'garbage' };
      }
      const end = yield* inflateMember(source, room);
      if (end.status !== 'complete') return end;
    }
  } finally {
    await source.close();
  }
}

async function* inflateMember(
  source: ByteSource,
  room: InflateRoom | undefined,
): AsyncGenerator<Buffer, GzipEnd, undefined> {
  const steps = new InflateSteps(source, room);
  let crc = 0;
  let bytes = 0;
  try {
    for (;;) {
      const step = await steps.next();
      if (step === undefined) return { status: 'truncated' };
      for (const output of step.output) {
        for (let at = 0; at < output.length; at += CHUNK_BYTES) {
          const chunk = output.subarray(at, at + CHUNK_BYTES);
          crc = crc32(chunk, crc);
          bytes += chunk.length;
          yield chunk;
          // zlib's thread stops at a full buffer until the event loop comes to it.
          await turn();
        }
      }
      if (step.error) return { status: 'corrupt', reason: `damaged gzip data: ${step.error.message}` };
      if (step.ended) return await checkTrailer(source, crc, bytes);
    }
  } finally {
    steps.close();
  }
}

/** Reads and inflates one step ahead, on zlib's thread, while the caller uses the step before. */
class InflateSteps {
  readonly #inflate: RawInflate;
  readonly #source: ByteSource;
  #ahead: Promise<InflateStep> | undefined;
  #stepBytes = STEP_BYTES_MIN;

  constructor(source: ByteSource, room: InflateRoom | undefined) {
    this.#source = source;
    this.#inflate = new RawInflate(room);
  }

  /** Returns the next step, or `undefined` if the source ends before the deflate stream. */
  async next(): Promise<InflateStep | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined && (await this.#source.peek(1)).length === 0) return undefined;
    const step = await (ahead ?? this.#begin());
    this.#source.skip(step.consumed);
    if (step.ended || step.error !== undefined) return step;
    if (step.hasMore) this.#ahead = this.#inflate.more();
    // Only what has arrived: a caller that stops reading must not wait for more.
    else if (this.#source.available > 0) this.#ahead = this.#begin();
    return step;
  }

  close(): void {
    this.#inflate.close();
  }

  #begin(): Promise<InflateStep> {
    const piece = this.#source.head(this.#stepBytes);
    this.#stepBytes = Math.min(2 * this.#stepBytes, STEP_BYTES_MAX);
    this.#source.readAhead(piece.length + this.#stepBytes);
    return this.#inflate.push(piece);
  }
}

/** Takes the header of the next member; returns what stands there. */
async function startMember(source: ByteSource): Promise<'member' | 'end' | 'garbage' | 'truncated'> {
  await skipZeros(source);
  for (let wanted = 1; ; ) {
    const bytes = await source.peek(wanted);
    if (bytes.length === 0) return 'end';
    const header = measureMemberHeader(bytes);
    if (header.kind === 'not gzip') return 'garbage';
    if (header.kind === 'member') {
      source.skip(header.headerBytes);
      return 'member';
    }
    if (bytes.length < wanted) return 'truncated';
    wanted = bytes.length + 1;
  }
}

/** Skips the zeros with which tapes and block devices fill up; a member never begins with one. */
async function skipZeros(source: ByteSource): Promise<void> {
  for (;;) {
    const bytes = await source.peek(1);
    const zeros = bytes.findIndex((byte) => byte !== 0);
    source.skip(zeros === -1 ? bytes.length : zeros);
    if (zeros !== -1 || bytes.length === 0) return;
  }
}

/** Checks the CRC-32 and the size modulo 2^32 that follow a member. */
async function checkTrailer(source: ByteSource, crc: number, bytes: number): Promise<GzipEnd> {
  const trailer = await source.peek(TRAILER_BYTES);
  if (trailer.length < TRAILER_BYTES) return { status: 'truncated' };
  const matches = trailer.readUInt32LE(0) === crc && trailer.readUInt32LE(4) === bytes % 2 ** 32;
  source.skip(TRAILER_BYTES);
  return matches ? { status: 'complete' } : { status: 'corrupt', reason: 'the CRC-32 of the gzip data does not match' };
}
