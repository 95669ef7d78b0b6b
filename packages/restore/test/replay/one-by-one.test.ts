import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { Delivery } from '../../src/replay/deliver/delivery';
import type { Poster } from '../../src/replay/deliver/poster';
import { TypeServer } from '../support/type-server';

const hourS = 3_600;
const to = { database: 'db', retentionPolicy: 'rp', precision: 's', shardDurationMs: hourS * 1_000 } as const;
const hourly = (time: number) => Math.floor(time / hourS);

/** Delivers lines in bodies of a size; returns those that were rejected. */
async function delivered(server: TypeServer, lines: readonly string[], size: number): Promise<string[]> {
  const post = async (bytes: Uint8Array) => server.write(Buffer.from(bytes).toString().trimEnd().split('\n'));
  const poster = { post, tryPost: post, settle: async () => undefined } as unknown as Poster;
  const delivery = new Delivery(poster, 'http://h');
  const rejected: string[] = [];
  for (let from = 0; from < lines.length; from += size) {
    const some = lines.slice(from, from + size);
    const file = {
      stored: () => undefined,
      typeConflict: () => undefined,
      rejected: (_: string, record: Buffer) => rejected.push(record.toString()),
      rejects: { spill: async () => undefined },
    } as unknown as FileInFlight;
    const bytes = Buffer.from(some.map((line) => `${line}\n`).join(''));
    await delivery.deliver({
      to,
      bytes,
      records: some.length,
      parts: [{ file, endBytes: bytes.length, records: some.length }],
    });
  }
  return rejected;
}

it('What is rejected for its types, and what is stored, is the same as line by line, however lines are divided into bodies', async () => {
  const value = fc.constantFrom('1', '2', '3i', '4i', '"s"');
  const field = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), value).map(([name, text]) => `${name}=${text}`);
  const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 3, selector: (one) => one[0] });
  const line = fc
    .tuple(fc.constantFrom('m', 'n', 'm,t=a'), fields, fc.nat(3), fc.nat(3))
    .map(([series, some, shard, time]) => `${series} ${some.join(',')} ${shard * hourS + time}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      async (lines, size) => {
        const oneByOne = new TypeServer(hourly);
        const expected = lines.filter((one) => oneByOne.write([one]).kind !== 'stored');
        const server = new TypeServer(hourly);
        expect(await delivered(server, lines, size)).toEqual(expected);
        expect(server.stored).toEqual(oneByOne.stored);
        expect(server.types).toEqual(oneByOne.types);
      },
    ),
    { numRuns: 200 },
  );
});
