import { createHash } from 'node:crypto';
import type { FakeBucket, FakeObject } from '../../object-store/bucket';
import { GcsRefusal } from '../answer';
import type { GcsCall } from '../call';
import { denied, type GcsPermission } from '../permissions';
import type { Upload } from '../upload';
import { crc32cBase64 } from './crc32c';

/** Stores an upload by the rules of a bucket: as on the real server, an overwrite needs the permission to delete. */
export function createObject(
  bucket: FakeBucket,
  { object: name, query }: GcsCall,
  upload: Upload,
  granted: ReadonlySet<GcsPermission>,
): FakeObject {
  const { metadata, bytes } = upload;
  checkSums(metadata, bytes);
  const existing = bucket.get(name);
  checkGeneration(query.get('ifGenerationMatch'), existing);
  if (existing !== undefined && !granted.has('storage.objects.delete')) throw denied('storage.objects.delete');
  const { contentType, cacheControl, contentEncoding } = metadata;
  const object = {
    bytes,
    createdMs: Date.now(),
    generation: (existing?.generation ?? 0) + 1,
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentEncoding !== undefined && { contentEncoding }),
  };
  bucket.set(name, object);
  return object;
}

function checkSums({ md5Hash, crc32c }: Upload['metadata'], bytes: Uint8Array): void {
  const checks = [
    ['MD5', md5Hash, () => createHash('md5').update(bytes).digest('base64')],
    ['CRC32C', crc32c, () => crc32cBase64(bytes)],
  ] as const;
  for (const [kind, declared, calculate] of checks) {
    if (declared === undefined) continue;
    const calculated = calculate();
    if (declared === calculated) continue;
    const message = `Provided ${kind} hash "${declared}" doesn't match calculated ${kind} hash "${calculated}".`;
    throw new GcsRefusal(400, 'invalid', message);
  }
}

/** Checks the precondition on the generation; `ifGenerationMatch=0` means "only if the object does not exist". */
function checkGeneration(wanted: string | null, existing: FakeObject | undefined): void {
  if (wanted === null || Number(wanted) === (existing?.generation ?? 0)) return;
  const message = 'At least one of the pre-conditions you specified did not hold.';
  throw new GcsRefusal(412, 'conditionNotMet', message);
}
