/** Says what stands at the start of some bytes where a gzip member may begin. */
export type MemberHeader =
  | { readonly kind: 'member'; readonly headerBytes: number }
  | { readonly kind: 'incomplete' } // more bytes are needed to tell
  | { readonly kind: 'not gzip' };

const INCOMPLETE: MemberHeader = { kind: 'incomplete' };
const NOT_GZIP: MemberHeader = { kind: 'not gzip' };

const MAGIC = Buffer.of(0x1f, 0x8b, 0x08);
const FIXED_BYTES = 10;
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;

/** More than any tool writes: two bytes of length give an extra field of 64 KiB, and the rest is two short texts. */
const HEADER_BYTES_MAX = 128 * 1024;

/** Measures a member's header (RFC 1952, section 2.3): no more of it is needed here. */
export function measureMemberHeader(bytes: Buffer): MemberHeader {
  const magicBytes = Math.min(bytes.length, MAGIC.length);
  if (!bytes.subarray(0, magicBytes).equals(MAGIC.subarray(0, magicBytes))) return NOT_GZIP;
  if (bytes.length < FIXED_BYTES) return INCOMPLETE;
  const flags = bytes[3] ?? 0;
  let end = FIXED_BYTES;
  if (flags & FEXTRA) {
    if (bytes.length < end + 2) return INCOMPLETE;
    end += 2 + bytes.readUInt16LE(end);
  }
  for (const text of [FNAME, FCOMMENT]) {
    if (!(flags & text)) continue;
    const nul = bytes.indexOf(0, end);
    if (nul === -1) return bytes.length > HEADER_BYTES_MAX ? NOT_GZIP : INCOMPLETE;
    end = nul + 1;
  }
  if (flags & FHCRC) end += 2;
  return bytes.length < end ? INCOMPLETE : { kind: 'member', headerBytes: end };
}
