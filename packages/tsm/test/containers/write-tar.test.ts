import { describe, expect, it } from 'vitest';
import { readTar } from '../../src/containers/archive/read-tar';
import { shardArchive } from '../../src/containers/archive/write-tar';
import { bytesSource } from '../../src/files/byte-source';
import { collect } from '../fixtures/unpack';

const shard = { database: 'db', retentionPolicy: 'rp', id: 7 };
const file = (name: string, sizeBytes = 3) => ({ name, source: bytesSource(name, new Uint8Array(sizeBytes).fill(1)) });

async function names(stream: AsyncIterable<Uint8Array>): Promise<readonly (readonly [string, number])[]> {
  const found: [string, number][] = [];
  for await (const { name, content } of readTar(stream)) {
    found.push([name, Buffer.concat(await collect(content())).length]);
  }
  return found;
}

describe('the archive of a shard', () => {
  it('holds its files below its own names, whatever they are, and ends with two blocks of zeros', async () => {
    const files = [file('000000000-000001000.tsm'), file('000000000-000002000.tsm', 1_024)];
    for (const database of ['db', 'ü ', 'x'.repeat(90), 'x'.repeat(984), 'y'.repeat(60)]) {
      const folder = `${database}/rp/7`;
      expect(await names(shardArchive({ ...shard, database }, files))).toEqual([
        [`${folder}/000000000-000001000.tsm`, 3],
        [`${folder}/000000000-000002000.tsm`, 1_024],
      ]);
    }
    const bytes = Buffer.concat(await collect(shardArchive(shard, files)));
    expect(bytes.length % 512).toBe(0);
    expect(bytes.subarray(-1_024)).toEqual(Buffer.alloc(1_024));
  });

  it('is refused before its first byte if a name would lead out of the shard', () => {
    const unsafe = expect.objectContaining({ code: 'UNSAFE_NAME' });
    for (const name of ['../../x.tsm', '/000000000-000001000.tsm', 'fields.idx', '000000000-000001000.tsm.tmp', '']) {
      expect(() => shardArchive(shard, [file(name)]), name).toThrow(unsafe);
    }
    for (const database of ['..', 'a/b', '/db', '', 'a\\b', 'a\0']) {
      expect(() => shardArchive({ ...shard, database }, []), database).toThrow(unsafe);
    }
    const twice = [file('000000000-000001000.tsm'), file('000000000-000001000.tsm')];
    expect(() => shardArchive(shard, twice)).toThrow(unsafe);
  });
});
