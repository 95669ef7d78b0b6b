import { describe, expect, it } from 'vitest';
import { readTar } from '../../src/containers/archive/read-tar';
import { tarEnd, tarFile, tarHeader } from './tar-bytes';

const text = Buffer.from('hello');

/** Reads an archive that comes in pieces of a given size. */
async function read(archive: Uint8Array, size = 100): Promise<[string, string][]> {
  async function* stream() {
    for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
  }
  const files: [string, string][] = [];
  for await (const { name, content } of readTar(stream())) {
    let all = '';
    for await (const piece of content()) all += Buffer.from(piece).toString();
    files.push([name, all]);
  }
  return files;
}

const pax = (...records: string[]) => tarFile('PaxHeaders/0', Buffer.from(records.join('')), 'x');

describe('a tar archive', () => {
  it.each([1, 100, 512, 10_000])('gives its files from pieces of %i bytes, without its folders', async (size) => {
    const big = Buffer.alloc(5_000, 'x');
    const archive = [
      tarFile('db/', Buffer.alloc(0), '5'),
      tarFile('db/rp/1/a.tsm', text),
      tarFile('b', big),
      tarFile('c', Buffer.alloc(0)),
      tarEnd,
    ];
    expect(await read(Buffer.concat(archive), size)).toEqual([
      ['db/rp/1/a.tsm', 'hello'],
      ['b', String(big)],
      ['c', ''],
    ]);
  });

  it('may have names that are long or not ASCII, and sizes, in extended headers', async () => {
    const long = `db/${'ü'.repeat(90)}/1/a.tsm`;
    const record = (key: string, value: string) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      const digits = String(rest + String(rest + 3).length).length;
      return `${rest + digits} ${key}=${value}\n`;
    };
    const gnu = tarFile('././@LongLink', Buffer.from(`${long}\0`), 'L');
    expect(
      await read(Buffer.concat([pax(record('path', long), record('mtime', '1')), tarFile('short', text), tarEnd])),
    ).toEqual([[long, 'hello']]);
    expect(await read(Buffer.concat([gnu, tarFile('short', text), tarEnd]))).toEqual([[long, 'hello']]);
    const sized = Buffer.concat([pax(record('size', '5')), tarHeader('a', 0), text, Buffer.alloc(507), tarEnd]);
    expect(await read(sized)).toEqual([['a', 'hello']]);
  });

  it('skips what is not read of a file', async () => {
    const names: string[] = [];
    async function* stream() {
      yield Buffer.concat([tarFile('a', text), tarFile('b', Buffer.alloc(700)), tarEnd]);
    }
    for await (const { name } of readTar(stream())) names.push(name);
    expect(names).toEqual(['a', 'b']);
  });
});

describe('a tar archive that is not whole', () => {
  it('is noticed wherever it was cut', async () => {
    const archive = Buffer.concat([tarFile('a', text), tarFile('b', text), tarEnd]);
    for (let length = 0; length < archive.length; length += 19) {
      await expect(read(archive.subarray(0, length), 4096), String(length)).rejects.toThrow(
        expect.objectContaining({ code: 'INCOMPLETE' }),
      );
    }
  });

  it.each<[string, Buffer[], RegExp]>([
    ['one block of zeros in the middle', [Buffer.alloc(512), tarFile('a', text), tarEnd], /one block of zeros/],
    ['something after its end', [tarFile('a', text), tarEnd, tarFile('b', text)], /follows the end/],
    [
      'a flipped bit in a header',
      [Buffer.concat([Buffer.from('b'), tarFile('a', text).subarray(1)]), tarEnd],
      /checksum of a header/,
    ],
    ['a link', [tarFile('a', Buffer.alloc(0), '2'), tarEnd], /neither a file nor a folder/],
    ['an extended header that cannot be read', [pax('99 path=x\n'), tarFile('a', text), tarEnd], /extended header/],
    ['an extended header that is too long', [tarHeader('x', 1e9, 'x'), tarEnd], /too long/],
  ])('is refused with %s', async (_name, parts, message) => {
    await expect(read(Buffer.concat(parts))).rejects.toThrow(message);
  });

  it.each(['../a', 'a/../b', '/etc/passwd', 'a//b', './a', 'a\\..\\b', '..', 'a/'])(
    'is refused with the name %s',
    async (name) => {
      await expect(read(Buffer.concat([tarFile(name, text), tarEnd]))).rejects.toThrow(
        expect.objectContaining({ code: 'UNSAFE_NAME' }),
      );
    },
  );
});
