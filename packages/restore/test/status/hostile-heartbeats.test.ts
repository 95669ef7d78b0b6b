import { gzipSync } from 'node:zlib';
import { StorageError } from '@ceres/storage';
import { type Growing, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { formatNamedFile, formatStatement } from '../../../storage/src/heartbeat/format-lines';
import { confirmed, named, readBack, statement } from '../../../storage/test/heartbeat/example';

const first = formatStatement(statement);
const file = formatNamedFile(named);

/** What a heartbeat may repeat, as its first line or behind one that is right. */
const units = ['{', '[', '"', '\\', '1', ' ', '\0', '{"a":', '"a",', '{}\n', '\n', `${first}\n`, `${file}\n`];

async function refusable(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

function growing(name: string, gzOf: (sizeBytes: number) => Uint8Array): Growing {
  const prepare = (sizeBytes: number) => {
    const gz = gzOf(sizeBytes);
    return () => refusable(() => readBack(gz));
  };
  return { name, prepare };
}

describe('The time for a heartbeat that someone hostile wrote', { timeout: 120_000 }, () => {
  it('grows with its size and no faster, whatever stands in it', async () => {
    const work = units.flatMap((unit) =>
      ['', `${first}\n`, `${first}\n${file.slice(0, -1)},"x":"`].map((head) =>
        growing(JSON.stringify(`${head.slice(0, 20)}${unit}`), (sizeBytes) =>
          gzipSync(head + unit.repeat(sizeBytes / unit.length), { level: 1 }),
        ),
      ),
    );
    expect(await superlinear(work)).toEqual([]);
  });

  it('grows with the files that it names, and no faster', async () => {
    const work = growing('files', (sizeBytes) => {
      const names = Array.from({ length: sizeBytes / file.length }, (_, n) => {
        return formatNamedFile({ ...named, key: named.key.replace('000000000001', String(n).padStart(12, '0')) });
      });
      return confirmed([first, ...names]);
    });
    expect(await superlinear([work])).toEqual([]);
  });
});
