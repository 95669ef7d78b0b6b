import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { formatSchema } from '@ceres/influx-http/internal';
import { retry } from '@ceres/storage';
import { schemaKey } from '@ceres/storage/internal';
import { bytesBody } from '../files/bytes-body';
import type { ResolvedSeed } from '../options';
import type { SeedPlan } from '../plan';
import { sourceSchema } from './source-schema';

const gzipped = promisify(gzip);

/**
 * Puts the schema of the source beside the seed. Returns its key; `undefined` if the source does not know its databases.
 *
 * @throws InfluxHttpError; StorageError once retrying has not helped; the signal's reason
 */
export async function putSchema(
  plan: SeedPlan,
  settings: ResolvedSeed,
  { id, takenMs }: { readonly id: string; readonly takenMs: number },
): Promise<string | undefined> {
  const schema = await sourceSchema(plan, settings);
  if (schema === undefined) return undefined;
  const { instance, storage, clock, signal } = settings;
  const key = schemaKey(instance, id);
  const body = bytesBody(await gzipped(formatSchema(schema, { instance, takenMs })));
  await retry((limited) => storage.put(key, body, { signal: limited }), { clock, signal });
  return key;
}
