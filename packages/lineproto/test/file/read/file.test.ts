import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFile, encodeFile, type FileHeader, formatHeader } from '../../../src/index';
import { chunksOf, collect, readAll } from '../../support/streams';

const records = Array.from(
  { length: 1_000 },
  (_, i) => `cpu,host=h${i % 7} v=${i}i,s="${i}\n# CERES-END: lines=0\n" ${i}\n`,
);
const body = records.join('');
const header: FileHeader = { database: 'db', retentionPolicy: 'rp', formatVersion: 1, precision: 's' };
const limits = { batchBytesMax: 10_000, batchLinesMax: 100 };
let gz: Buffer;

beforeAll(async () => {
  gz = await collect(encodeFile(header, chunksOf(Buffer.from(body), 777)));
});

describe('encodeFile', () => {
  it('writes header, lines and a footer with the SHA-256 of the lines', () => {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const footer = `# CERES-END: lines=${records.length} bytes=${Buffer.byteLength(body)} sha256=${sha256}\n`;
    expect(gunzipSync(gz).toString()).toBe(formatHeader(header) + body + footer);
  });

  it('adds the LF that a last record lacks, and refuses a record that never ends', async () => {
    expect(gunzipSync(await collect(encodeFile(header, chunksOf(Buffer.from('m v=1 1'))))).toString()).toContain(
      'm v=1 1\n# CERES-END: lines=1 bytes=8 ',
    );
    await expect(collect(encodeFile(header, chunksOf(Buffer.from('m s="x\n'))))).rejects.toMatchObject({
      code: 'SYNTAX',
    });
  });

  it('refuses a summary that the lines do not match', async () => {
    const summary = { lines: 2, bytes: 8, firstTimestamp: 1n, lastTimestamp: 1n };
    const encoding = collect(encodeFile({ ...header, summary }, chunksOf(Buffer.from('m v=1 1\n'))));
    await expect(encoding).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });

  it('passes on the error of its source, and closes the source when the caller stops reading', async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (;;) yield Buffer.alloc(1024 * 1024, 'm v=1 1\n');
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of encodeFile(header, source())) break;
    await expect.poll(() => isClosed).toBe(true);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('m v=1 1\n');
      throw new Error('disk gone');
    }
    await expect(collect(encodeFile(header, failing()))).rejects.toThrow('disk gone');
  });
});

describe('decodeFile', () => {
  it('yields every record in batches within the limits, and reports the file as sealed', async () => {
    const file = decodeFile(chunksOf(gz), limits);
    expect(await file.header).toEqual(header);
    const batches = [];
    for await (const batch of file) batches.push(batch);
    expect(Buffer.concat(batches.map(({ bytes }) => bytes)).toString()).toBe(body);
    expect(batches.every(({ bytes, lines }) => bytes.length <= 10_000 && lines <= 100)).toBe(true);
    expect(await file.integrity).toEqual({ status: 'sealed' });
  });

  it('yields every whole record before the cut, and no other, from a file cut at any byte', async () => {
    const text = `${formatHeader(header)}${records.slice(0, 20).join('')}`;
    const small = gzipSync(text, { level: 0 });
    const textStart = small.indexOf('# DML');
    for (let cut = 0; cut < small.length; cut += 1) {
      const whole = records.slice(0, 20).filter((_, i) => {
        const end = formatHeader(header).length + records.slice(0, i + 1).join('').length;
        return textStart + end <= cut;
      });
      const read = await readAll(small.subarray(0, cut));
      expect(read).toMatchObject({
        text: whole.join(''),
        lines: whole.length,
        integrity: { status: 'corrupt', fault: 'cut-off', lines: whole.length },
      });
    }
  });

  it('yields a prefix of the records from compressed data cut anywhere', async () => {
    for (let cut = 0; cut < gz.length; cut += 97) {
      const { text, integrity } = await readAll(gz.subarray(0, cut));
      expect(body.startsWith(text)).toBe(true);
      expect(integrity).toMatchObject({ status: 'corrupt', fault: 'cut-off' });
    }
    expect((await readAll(gz.subarray(0, gz.length - 9))).text).toBe(body);
  });

  it.each([
    ['zeros', Buffer.alloc(100_000)],
    ['garbage', Buffer.from('garbage that is not gzip')],
    ['zeros, then garbage', Buffer.concat([Buffer.alloc(512), Buffer.from('x')])],
  ])('loses nothing to %s after the last member', async (_, tail) => {
    for (const chunkBytes of [1_000, 1 << 20]) {
      expect(await readAll(Buffer.concat([gz, tail]), {}, chunkBytes)).toMatchObject({
        text: body,
        integrity: { status: 'sealed' },
      });
    }
  });

  it('delivers the lines of a file with a wrong CRC, and reports it as corrupt', async () => {
    const damaged = Buffer.from(gz);
    damaged.writeUInt32LE(~damaged.readUInt32LE(gz.length - 8) >>> 0, gz.length - 8);
    const { text, integrity } = await readAll(damaged);
    expect(text).toBe(body);
    expect(integrity).toMatchObject({ status: 'corrupt', lines: records.length });
  });

  it('delivers the records before damaged data', async () => {
    const damaged = Buffer.from(gz);
    damaged.fill(0xff, gz.length - 600, gz.length - 500);
    const { text, integrity } = await readAll(damaged);
    const half = body.slice(0, body.length / 2);
    expect(text.startsWith(half)).toBe(true);
    expect(integrity.status).toBe('corrupt');
  });

  it('reports a file as corrupt if its footer certifies something else', async () => {
    const text = gunzipSync(gz).toString().replace('v=5i', 'v=6i');
    expect((await readAll(gzipSync(text))).integrity).toMatchObject({ status: 'corrupt', lines: records.length });
  });

  it('reads several gzip members, also if they are cut within a line, and concatenated files', async () => {
    const text = gunzipSync(gz);
    const members = [text.subarray(0, 1_001), text.subarray(1_001, 20_003), text.subarray(20_003)].map((part) =>
      gzipSync(part),
    );
    expect(await readAll(Buffer.concat(members))).toMatchObject({ text: body, integrity: { status: 'sealed' } });
    expect(await readAll(Buffer.concat([gz, gz]))).toMatchObject({
      text: body + body,
      integrity: { status: 'sealed' },
    });
  });

  it('reads no further where the body switches to another database, policy or precision', async () => {
    for (const other of [
      { database: 'x' },
      { retentionPolicy: 'x' },
      { precision: 'ns' as const },
      { database: 'a:b' },
    ]) {
      const second = await collect(encodeFile({ ...header, ...other }, chunksOf(Buffer.from(body))));
      const read = await readAll(Buffer.concat([gz, second]));
      expect(read.text).toBe(body);
      expect(read.integrity).toMatchObject({ status: 'corrupt', lines: records.length });
    }
  });

  it('skips other comments and blank lines in a body, and reports an older file as unsealed', async () => {
    const older = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY: rp\nm v=1 1\n# a ="comment\n\nm v=2 2\n';
    expect(await readAll(gzipSync(older))).toEqual({
      text: 'm v=1 1\nm v=2 2\n',
      lines: 2,
      integrity: { status: 'unsealed', lines: 2 },
    });
  });

  it('adds the last LF in an older file only if the file is whole as gzip', async () => {
    const older = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY: rp\nm v=1 1\nm v=2 2';
    const whole = { text: 'm v=1 1\nm v=2 2\n', lines: 2, integrity: { status: 'unsealed', lines: 2 } };
    const cut = (fault: string) => ({ text: 'm v=1 1\n', lines: 1, integrity: { status: 'corrupt', fault } });
    expect(await readAll(gzipSync(older))).toEqual(whole);
    expect(await readAll(gzipSync(older).subarray(0, -1))).toMatchObject(cut('cut-off'));
    const ours = `${formatHeader(header)}m v=1 1\nm v=2 2`;
    expect(await readAll(gzipSync(ours))).toMatchObject(cut('footer-missing'));
  });

  it('reports an older file as corrupt if a string in it never ends and has swallowed the records after it', async () => {
    const older = '# DML\n# CONTEXT-DATABASE: db\n# CONTEXT-RETENTION-POLICY: rp\nm v=1 1\nm v="open 2\nm v=3 3\n';
    const { text, integrity } = await readAll(gzipSync(older));
    expect(text).toBe('m v=1 1\n');
    expect(integrity).toMatchObject({
      status: 'corrupt',
      lines: 1,
      reason: expect.stringContaining('after the first 1'),
    });
  });

  it('refuses what is not a backup file in its header, its integrity and its iteration, without an unhandled rejection', async () => {
    for (const bytes of [Buffer.from('m v=1 1\n'), gzipSync('m v=1 1\n')]) {
      const file = decodeFile(chunksOf(bytes), limits);
      const { header: promise, integrity } = file;
      const iteration = file[Symbol.asyncIterator]();
      await expect(iteration.next()).rejects.toMatchObject({ code: 'NOT_A_BACKUP_FILE' });
      await new Promise((resolve) => setImmediate(resolve));
      await expect(promise).rejects.toMatchObject({ code: 'NOT_A_BACKUP_FILE' });
      await expect(integrity).rejects.toMatchObject({ code: 'NOT_A_BACKUP_FILE' });
    }
  });

  it('passes on the error of its source, after the records before it', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield gz.subarray(0, gz.length / 2);
      throw new Error('connection lost');
    }
    const file = decodeFile(failing(), limits);
    let lines = 0;
    const reading = (async () => {
      for await (const batch of file) lines += batch.lines;
    })();
    await expect(reading).rejects.toThrow('connection lost');
    expect(lines).toBeGreaterThan(0);
    await expect(file.integrity).rejects.toThrow('connection lost');
  });

  it('closes its source when the caller stops reading early', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield* chunksOf(gz, 500);
      } finally {
        isClosed = true;
      }
    }
    const file = decodeFile(source(), limits);
    for await (const batch of file) {
      expect(batch.lines).toBe(100);
      break;
    }
    expect(isClosed).toBe(true);
    expect(await file.integrity).toEqual({ status: 'unsealed', lines: 100 });
  });

  it('reports a file as corrupt if a string in it never ends, without collecting it in memory', async () => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from(`${formatHeader(header)}m v=1 1\nm s="`), Buffer.alloc(30_000_000, 'x')]),
    );
    const read = await readAll(bomb);
    expect(read.text).toBe('m v=1 1\n');
    expect(read.integrity).toMatchObject({ status: 'corrupt', lines: 1 });
  });
});
