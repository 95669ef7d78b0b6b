import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeFile, encodeFile, type FileHeader, type FilePlace, formatHeader } from '../../../src/index';
import { BlockDigests, decodeProven, decodeWithDigests, readHeaderStart, withHeaderCrc } from '../../../src/internal';
import { chunksOf, collect, readAll } from '../../support/streams';

const limits = { batchBytesMax: 10_000, batchLinesMax: 100 };
const named = { instance: 'src', database: 'db', retentionPolicy: 'rp' };
const place: FilePlace = named;
const header: FileHeader = { ...named, formatVersion: 1, precision: 's', writer: 'w' };
const body = 'm v=1 1700000005\nm s="a \\" 9",v=2 -7\nm v=3 1700000003\nm v=4 12345678901234567890\nm v=5\n';
const summary = { lines: 5, bytes: body.length, firstTimestamp: -7n, lastTimestamp: 1_700_000_005n };
const older = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY: rp\nm v=1 1\n';

const encode = (from: FileHeader) => collect(encodeFile(from, chunksOf(Buffer.from(body), 7)));
const faultOf = async (gz: Uint8Array, at: FilePlace = place) => {
  const { integrity } = await readAll(gz, { place: at });
  return integrity.status === 'corrupt' ? integrity.fault : integrity.status;
};
const lied = async (change: Partial<typeof summary>) => {
  const text = gunzipSync(await encode({ ...header, summary })).toString();
  const lies = formatHeader({ ...header, summary: { ...summary, ...change } });
  return gzipSync(text.replace(formatHeader({ ...header, summary }), lies));
};

describe('the integrity of a file', () => {
  it('is sealed if everything agrees: gzip, header, name, footer and summary', async () => {
    expect(await faultOf(await encode({ ...header, summary }))).toBe('sealed');
  });

  it.each([{ lines: 4 }, { bytes: 1 }, { firstTimestamp: -8n }, { lastTimestamp: 1_700_000_006n }])(
    'finds a summary that lies: %o',
    async (lie) => {
      expect(await faultOf(await lied(lie))).toBe('summary-wrong');
    },
  );

  it.each([
    ['another instance', { instance: 'other' }],
    ['another database', { database: 'other' }],
    ['another policy', { retentionPolicy: 'other' }],
    ['the default policy', { retentionPolicy: '' }],
    ['several policies', { mixed: true }],
  ])('finds a header that names %s than the name of the file', async (_, other) => {
    const gz = await encode(header);
    expect(await faultOf(gz, { ...place, ...other })).toBe('other-place');
    expect(await faultOf(gz)).toBe('sealed');
  });

  it('takes the instance of an older file from its name, and nothing else', async () => {
    expect(await faultOf(gzipSync(older), { ...place, instance: 'any' })).toBe('unsealed');
    expect(await faultOf(gzipSync(older), { ...place, database: 'other' })).toBe('other-place');
  });

  it('calls a gzip that is cut off damage, also in a file of an older system, and a missing footer only where there must be one', async () => {
    expect(await faultOf(gzipSync(older).subarray(0, -1))).toBe('cut-off');
    expect(await faultOf(gzipSync(formatHeader(header) + body))).toBe('footer-missing');
    expect(await faultOf(gzipSync(older))).toBe('unsealed');
  });

  it('finds lines and parts of lines behind the footer', async () => {
    const gz = await encode(header);
    for (const more of ['m v=9 9\n', 'm v=9', '# CONTEXT-DATABASE: db\nm v=9 9\n']) {
      expect(await faultOf(Buffer.concat([gz, gzipSync(more)]))).toBe('behind-footer');
    }
    expect(await faultOf(Buffer.concat([gz, gzipSync('# a comment\n')]))).toBe('sealed');
  });

  it('finds a second member that is no gzip any more, unless a footer stands before it', async () => {
    const second = gzipSync('m v=2 2\n');
    second[0] = 0x1e;
    expect(await faultOf(Buffer.concat([gzipSync(older), second]))).toBe('gzip-damaged');
    expect(await faultOf(Buffer.concat([gzipSync(older), Buffer.alloc(512)]))).toBe('unsealed');
    expect(await faultOf(Buffer.concat([await encode(header), second]))).toBe('sealed');
  });

  it('finds a header that was altered, although its gzip data is right', async () => {
    const text = gunzipSync(await encode(header)).toString();
    for (const altered of [text.replace('WRITER: w', 'WRITER: x'), text.replace('# CERES-PRECISION: s\n', '')]) {
      expect(await faultOf(gzipSync(altered))).toBe('header-damaged');
    }
  });

  it('is corrupt for a name in the body that is no percent-encoded text', async () => {
    expect(await faultOf(gzipSync(`${older}# CERES-DATABASE: %\nm v=2 2\n`))).toBe('context-switch');
  });

  it('refuses a place that names no instance', () => {
    const place = { database: 'db' } as FilePlace;
    expect(() => decodeFile(chunksOf(Buffer.alloc(0)), { ...limits, place })).toThrow(/Expected `place` to be/);
  });
});

describe('the checksum of a header', () => {
  it('ends the header of every file of this format, and proves it from its first bytes', async () => {
    expect(formatHeader(header)).toMatch(/\n# CERES-HEADER-CRC: [0-9a-f]{8}\n$/);
    const gz = await encode({ ...header, summary });
    expect(readHeaderStart(gz)).toEqual({ header: { ...header, summary }, isProven: true });
    expect(readHeaderStart(gzipSync(older)).isProven).toBe(false);
  });

  it('is wrong if any bit of the header was flipped, or the header cannot be read', async () => {
    const text = Buffer.from(formatHeader({ ...header, summary }));
    const covered = text.lastIndexOf('# CERES-HEADER-CRC');
    for (let bit = 0; bit < covered * 8; bit += 1) {
      const flipped = Buffer.from(text);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      let proven = false;
      try {
        proven = readHeaderStart(gzipSync(Buffer.concat([flipped, Buffer.from(body)]))).isProven;
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOT_A_BACKUP_FILE' });
      }
      expect(proven, `bit ${bit}`).toBe(false);
    }
  });

  it('covers all lines: what stands behind it is not read as a header', () => {
    const more = '# CERES-PRECISION: ns\nm v=1 1\n';
    expect(readHeaderStart(gzipSync(formatHeader(header) + more))).toEqual({ header, isProven: true });
    expect(withHeaderCrc(formatHeader(header))).toBe(formatHeader(header));
  });
});

describe('a second reading', () => {
  const lines = Array.from({ length: 400_000 }, (_, i) => `m,t=${i % 977} v=${i} ${i}\n`).join('');
  const read = async (file: AsyncIterable<{ readonly bytes: Uint8Array }>) => {
    let text = '';
    for await (const { bytes } of file) text += Buffer.from(bytes).toString('latin1');
    return text;
  };

  it('gives the lines of the first, and none of a block that differs', async () => {
    const gz = await collect(encodeFile(header, chunksOf(Buffer.from(lines))));
    const digests = new BlockDigests();
    const large = { batchBytesMax: 1_000_000, batchLinesMax: 100_000 };
    expect((await read(decodeWithDigests(chunksOf(gz), large, digests))).length).toBe(lines.length);
    expect((await read(decodeProven(chunksOf(gz), large, digests))) === lines).toBe(true);
    expect((await read(decodeProven(chunksOf(gz), large))) === lines).toBe(true);

    const text = gunzipSync(gz).toString().replace('v=300000 ', 'v=300001 ');
    const other = decodeProven(chunksOf(gzipSync(text)), large, digests);
    let passed = '';
    const reading = (async () => {
      for await (const { bytes } of other) passed += Buffer.from(bytes).toString('latin1');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CHANGED' });
    expect(lines.startsWith(passed)).toBe(true);
    expect(passed.length).toBeGreaterThan(4_000_000);
    expect(passed).not.toContain('v=300001 ');
  });
});
