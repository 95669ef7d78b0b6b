import { MemoryStorage, type ObjectReader, StorageError } from '@ceres/storage';
import { drillKey } from '@ceres/storage/internal';
import { describe, expect, it } from 'vitest';
import { readCertificates } from '../../src/certificate/read-certificates';
import { certify } from '../../src/certificate/signature';
import { storeCertificate } from '../../src/certificate/store-certificate';
import { drillOf } from '../support/certificate';

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const certificateOf = (n: number) =>
  certify(drillOf({ id: idOf(n), began: new Date(Date.UTC(2026, 0, n)).toISOString() }), undefined);

async function put(storage: MemoryStorage, key: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  await storage.put(key, {
    sizeBytes: bytes.length,
    open: async function* () {
      yield bytes;
    },
  });
}

describe('the certificates of an instance', () => {
  it('are the newest, the newest first', async () => {
    const storage = new MemoryStorage();
    for (const n of [3, 1, 200, 2]) await storeCertificate(storage, certificateOf(n), undefined);
    await storeCertificate(storage, certify(drillOf({ instance: 'another' }), undefined), undefined);
    const { certificates, refused } = await readCertificates(storage, 'influxdb-0', { newest: 3 });
    expect(certificates.map(({ id }) => id)).toEqual([200, 3, 2].map(idOf));
    expect(refused).toEqual([]);
  });

  it('leave out what was altered, copied to another name, or is of a later version', async () => {
    const storage = new MemoryStorage();
    const key = (n: number) => drillKey({ instance: 'influxdb-0', day: '20260101', id: idOf(n) });
    const text = JSON.stringify(certificateOf(1));
    await put(storage, key(1), text);
    await put(storage, key(2), text);
    await put(storage, key(3), text.replace('"PASS"', '"FAIL"'));
    await put(storage, key(4), text.replace('"version":1', '"version":2'));
    await put(storage, key(5), 'x');
    await put(storage, '~drills/influxdb-0/20260101/notes.txt', 'x');
    const { certificates, refused } = await readCertificates(storage, 'influxdb-0');
    expect(certificates.map(({ id }) => id)).toEqual([idOf(1)]);
    expect(refused.map((one) => one.key).sort()).toEqual([2, 3, 4, 5].map(key));
  });

  it('are none where they may not be listed', async () => {
    const failing = (code: 'DENIED' | 'INVALID_KEY'): ObjectReader => ({
      list: async function* () {
        yield* [];
        throw new StorageError(code, 'no', {});
      },
      get: async function* () {},
    });
    expect((await readCertificates(failing('DENIED'), 'i')).certificates).toEqual([]);
    await expect(readCertificates(failing('INVALID_KEY'), 'i')).rejects.toThrow('no');
  });
});
