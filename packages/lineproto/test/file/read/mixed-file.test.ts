import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type DecodedBatch,
  decodeFile,
  encodeFile,
  type FileHeader,
  formatHeader,
  readHeader,
} from '../../../src/index';
import { formatPolicySwitch } from '../../../src/internal';
import { chunksOf, collect } from '../../support/streams';

const header: FileHeader = {
  database: 'db',
  retentionPolicy: '',
  formatVersion: 1,
  precision: 's',
  mixed: ['', 'autogen', 'a:b'],
};
const to = formatPolicySwitch;
/** Begins with a switch, as a file of the sink does, and ends with one. */
const body = `${to('autogen')}m v=1 1\nm s="\n# CONTEXT-RETENTION-POLICY: x\n" 1\n${to('')}m v=2 1\n${to('a:b')}m v=3 1\n${to('')}`;
const limits = { batchBytesMax: 10_000, batchLinesMax: 100 };

async function decode(gz: Buffer) {
  const file = decodeFile(chunksOf(gz, 10), limits);
  const batches: DecodedBatch[] = [];
  for await (const { bytes, ...batch } of file) batches.push({ ...batch, bytes: Buffer.from(bytes) });
  const records = batches.map(({ retentionPolicy, bytes }) => [retentionPolicy, Buffer.from(bytes).toString()]);
  return { header: await file.header, records, integrity: await file.integrity };
}

describe('a file that switches between policies', () => {
  it('names them in its header, keeps the switches, and certifies them with its records', async () => {
    const gz = await collect(encodeFile(header, chunksOf(Buffer.from(body), 7)));
    const bytes = Buffer.byteLength(body.replace(to('autogen'), '').replaceAll(to(''), '').replace(to('a:b'), ''));
    const footer = `# CERES-END: lines=4 bytes=${bytes} sha256=${createHash('sha256').update(body).digest('hex')}\n`;
    expect(gunzipSync(gz).toString()).toBe(formatHeader(header) + body + footer);
    expect(formatHeader(header)).toContain('# CERES-MIXED: ~default autogen a%3Ab\n');
    expect(readHeader(gz)).toEqual(header);
    const decoded = await decode(gz);
    expect(decoded.header).toEqual(header);
    expect(decoded.integrity).toEqual({ status: 'sealed' });
    const merged = decoded.records.reduce<string[][]>((all, [policy = '', text = '']) => {
      const last = all.at(-1);
      if (last?.[0] === policy) last[1] += text;
      else all.push([policy, text]);
      return all;
    }, []);
    expect(merged).toEqual([
      ['autogen', 'm v=1 1\nm s="\n# CONTEXT-RETENTION-POLICY: x\n" 1\n'],
      ['', 'm v=2 1\n'],
      ['a:b', 'm v=3 1\n'],
    ]);
  });

  it('begins with records of the policy that its third line names', async () => {
    const gz = await collect(encodeFile(header, chunksOf(Buffer.from(`m v=1 1\n${to('autogen')}m v=2 1\n`))));
    expect((await decode(gz)).records).toEqual([
      ['', 'm v=1 1\n'],
      ['autogen', 'm v=2 1\n'],
    ]);
  });

  it('is corrupt if a switch was taken out, put in, or leads to a policy that the header does not announce', async () => {
    const text = gunzipSync(await collect(encodeFile(header, chunksOf(Buffer.from(body))))).toString();
    const damaged = [
      text.replace(`${to('')}m v=2`, 'm v=2'),
      text.replace('m v=2', `${to('a:b')}m v=2`),
      text.replace(to('a:b'), to('')),
    ];
    for (const content of damaged) {
      const { integrity } = await decode(gzipSync(content));
      expect(integrity).toMatchObject({ status: 'corrupt', reason: expect.stringContaining('sha256=') });
    }
    const unannounced = await decode(gzipSync(text.replace('CERES-MIXED: ~default autogen', 'CERES-MIXED: ~default')));
    expect(unannounced.integrity).toMatchObject({ status: 'corrupt', reason: expect.stringContaining('"autogen"') });
  });

  it('leaves a CONTEXT line out, so that the importer stores nothing, if the importer cannot read one of the policies', () => {
    expect(formatHeader(header)).not.toContain('# CONTEXT-DATABASE');
    expect(formatHeader({ ...header, mixed: ['', 'autogen'] })).toContain('# CONTEXT-DATABASE: db\n');
    expect([to(''), to('5 d'), to(' x')]).toEqual([
      '# CONTEXT-RETENTION-POLICY:\n',
      '# CONTEXT-RETENTION-POLICY: 5 d\n',
      '# CERES-RETENTION-POLICY: %20x\n',
    ]);
  });
});
