import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectReader } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { fetchHeader } from '../../src/plan/headers';
import { planRestore } from '../../src/plan/plan';
import { type BackupFile, backupOf, gzOf, headerOf, keyOf } from '../support/backup';

const startMs = Date.UTC(2024, 0, 10);
const lines = Array.from({ length: 60 }, (_, i) => `m,t=${i} v=${i} ${1_700_000_000 + i}\n`).join('');
const file: BackupFile = { database: 'db', openedMs: startMs, lines, header: { writer: 'w', sequence: 7n } };
const key = keyOf(file);
const after = { from: 1_800_000_000_000_000_000n };

/** Returns the file as the first versions wrote it: its header has no checksum. */
async function withoutChecksum(from: BackupFile): Promise<Buffer> {
  return gzipSync(
    gunzipSync(await gzOf(from))
      .toString()
      .replace(/# CERES-HEADER-CRC: .*\n/, ''),
  );
}

function holding(gz: Uint8Array): ObjectReader {
  return {
    async *list() {
      yield { key, sizeBytes: gz.length, createdMs: startMs };
    },
    async *get() {
      yield gz;
    },
  };
}

describe('a header that nothing proves', () => {
  it('leaves a file in its plan: no flipped bit makes a header that is believed and says something else', async () => {
    const gz = await gzOf(file);
    let believed = 0;
    for (let bit = 0; bit < 8 * Math.min(gz.length, 4096); bit += 1) {
      const flipped = Buffer.from(gz);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const fetched = await fetchHeader(holding(flipped), key, undefined);
      if (!fetched?.isProven) continue;
      believed += 1;
      expect(fetched.header, `bit ${bit}`).toEqual(headerOf(file));
    }
    expect(believed).toBeGreaterThan(1_000); // flips of the lines behind it
  });

  it('leaves a file of the first versions in the plan, although its summary lies outside', async () => {
    const storage = await backupOf({ ...file, gz: await withoutChecksum(file) });
    expect((await planRestore({ storage, instance: 'src', ...after })).files).toBe(1);
    const proven = planRestore({ storage: await backupOf(file), instance: 'src', ...after });
    await expect(proven).rejects.toMatchObject({ code: 'NO_FILES' });
  });

  it('leaves a file in the plan whose header contradicts its key, so that it is named', async () => {
    const storage = await backupOf({ ...file, gz: await gzOf({ ...file, database: 'other' }) });
    expect((await planRestore({ storage, instance: 'src', ...after })).files).toBe(1);
  });

  it('does not tell the policy, unless the whole file proves it', async () => {
    const old = await withoutChecksum({ ...file, header: { policy: { duration: '5d' } } });
    const policyIn = async (gz: Buffer) =>
      (await planRestore({ storage: await backupOf({ ...file, gz }), instance: 'src' })).partitions[0]?.policy;
    expect(await policyIn(old)).toEqual({ duration: '5d' });
    expect(await policyIn(old.subarray(0, -1))).toBeUndefined();
  });
});
