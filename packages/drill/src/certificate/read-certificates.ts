import { listObjects, type ObjectReader, readObject, StorageError } from '@ceres/storage';
import { drillPrefix, parseDrillKey } from '@ceres/storage/internal';
import { DrillError } from '../errors';
import type { Certificate } from './certificate';
import { certificateBytesMax, checkCertificate } from './check-certificate';

/** The certificates of an instance. */
export interface ReadCertificates {
  /** The newest ones, the newest first. */
  readonly certificates: readonly Certificate[];
  /** The keys of those that are not to be believed, or of a later version, and why. */
  readonly refused: readonly { readonly key: string; readonly reason: string }[];
}

export interface ReadCertificatesOptions {
  /** How many of the newest are read. Default: 30. */
  readonly newest?: number;
  readonly signal?: AbortSignal | undefined;
}

const newestDefault = 30;

/**
 * Reads the newest certificates of an instance, from a backup or from the folder that drills store them in. One that is not to be believed is left
 * out. A credential that may not read them, and a folder that is not there, have none.
 *
 * @throws StorageError once retrying has not helped
 */
export async function readCertificates(
  storage: ObjectReader,
  instance: string,
  { newest = newestDefault, signal }: ReadCertificatesOptions = {},
): Promise<ReadCertificates> {
  const certificates: Certificate[] = [];
  const refused: { key: string; reason: string }[] = [];
  for (const { key, sizeBytes } of await newestKeys(storage, instance, newest, signal)) {
    try {
      if (sizeBytes > certificateBytesMax) throw new DrillError('CERTIFICATE_INVALID', `It has ${sizeBytes} bytes.`);
      const { certificate } = checkCertificate(await textOf(storage, key, signal));
      const parts = parseDrillKey(key);
      if (certificate.instance === instance && certificate.id === parts?.id) certificates.push(certificate);
      else refused.push({ key, reason: 'It is the certificate of another drill than its name says.' });
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      refused.push({ key, reason: error.message });
    }
  }
  return { certificates: certificates.sort((a, b) => (a.began < b.began ? 1 : -1)), refused };
}

/** Returns the certificates of the newest days, the newest day first. Names of a day are random: all of them are taken. */
async function newestKeys(storage: ObjectReader, instance: string, count: number, signal: AbortSignal | undefined) {
  let kept: { readonly key: string; readonly sizeBytes: number; readonly createdMs: number }[] = [];
  const keep = () => {
    kept = kept.sort((a, b) => compareText(dayOf(b), dayOf(a)) || b.createdMs - a.createdMs).slice(0, count);
  };
  try {
    for await (const info of listObjects(storage, drillPrefix(instance), { signal })) {
      if (parseDrillKey(info.key) === undefined) continue;
      kept.push(info);
      if (kept.length >= 2 * count + 100) keep();
    }
  } catch (error) {
    if (!(error instanceof StorageError) || !['DENIED', 'NOT_FOUND'].includes(error.code)) throw error;
  }
  keep();
  return kept;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dayOf({ key }: { readonly key: string }): string {
  return parseDrillKey(key)?.day ?? '';
}

async function textOf(storage: ObjectReader, key: string, signal: AbortSignal | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readObject(storage, key, { signal })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
