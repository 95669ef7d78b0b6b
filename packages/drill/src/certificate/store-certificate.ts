import { type ObjectWriter, retry, StorageError } from '@ceres/storage';
import { drillKey } from '@ceres/storage/internal';
import { DrillError } from '../errors';
import type { Certificate } from './certificate';

/** Stores a certificate under the name of its drill, which is new, and returns its key. @throws DrillError `CERTIFICATE_NOT_STORED` */
export async function storeCertificate(
  storage: ObjectWriter,
  certificate: Certificate,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { instance, id, began } = certificate;
  const key = drillKey({ instance, day: began.slice(0, 10).replaceAll('-', ''), id });
  const bytes = Buffer.from(`${JSON.stringify(certificate, undefined, 2)}\n`);
  const body = {
    sizeBytes: bytes.byteLength,
    async *open() {
      yield Uint8Array.from(bytes); // the storage owns what it gets
    },
  };
  try {
    await retry((limited) => storage.put(key, body, { signal: limited }), { signal });
    return key;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const todo =
      error.code === 'DENIED'
        ? 'Allow the credential to create objects there, or choose another place with certificates (--certificates)'
        : 'Drill again once it can be written';
    throw new DrillError('CERTIFICATE_NOT_STORED', `The certificate could not be stored: ${error.message} ${todo}.`, {
      cause: error,
    });
  }
}
