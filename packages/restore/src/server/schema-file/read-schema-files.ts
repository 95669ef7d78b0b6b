import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InfluxHttpError } from '@ceres/influx-http';
import { type DatabaseSchema, type InfluxSchema, parseSchema, schemaBytesMax } from '@ceres/influx-http/internal';
import { listObjects, type ObjectInfo, StorageError } from '@ceres/storage';
import { parseSchemaKey, readListed, schemaPrefix } from '@ceres/storage/internal';
import { RestoreError } from '../../errors';
import type { ResolvedSelection } from '../../options/selection';

const gunzipped = promisify(gunzip);

/**
 * Reads what the backup of an instance knows of its schema: of each database the last that was stored, and the users as they were stored last. Those of
 * seeds that were not finished count only where there is no other.
 *
 * @throws RestoreError `SCHEMA_REFUSED` if there is none, or one holds anything but what a schema has; StorageError
 */
export async function readSchemaFiles(selection: ResolvedSelection): Promise<InfluxSchema> {
  const { storage, instance, seeds, signal } = selection;
  const found: { readonly info: ObjectInfo; readonly isFinished: boolean }[] = [];
  for await (const info of listObjects(storage, schemaPrefix(instance), { signal })) {
    const id = parseSchemaKey(info.key)?.id;
    if (id === undefined) continue; // not a name of ours
    found.push({ info, isFinished: seeds.seeds.some(({ manifest }) => manifest.id === id) });
  }
  const finished = found.filter(({ isFinished }) => isFinished);
  const files = finished.length > 0 ? finished : found;
  if (files.length === 0) {
    const todo = '`ceres seed` stores one. To restore without it, leave out withSchema (--with-schema)';
    throw new RestoreError('SCHEMA_REFUSED', `The backup of '${instance}' holds no schema. ${todo}.`);
  }
  const read: { readonly takenMs: number; readonly schema: InfluxSchema }[] = [];
  for (const { info } of files) read.push(await readSchemaFile(info, selection));
  return merged(read.sort((a, b) => a.takenMs - b.takenMs).map(({ schema }) => schema));
}

async function readSchemaFile(info: ObjectInfo, { storage, instance, signal }: ResolvedSelection) {
  const refused = (why: string) =>
    new RestoreError('SCHEMA_REFUSED', `${info.key} is refused, and nothing of it was run: ${why}.`);
  const otherSize = (_: string, why: string) => new StorageError('SIZE_MISMATCH', why, { key: info.key });
  let chunks: Uint8Array[];
  try {
    chunks = await readListed(storage, info, schemaBytesMax, { signal }, otherSize);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'SIZE_MISMATCH') throw refused(error.message);
    throw error;
  }
  let text: Buffer;
  try {
    text = await gunzipped(Buffer.concat(chunks), { maxOutputLength: schemaBytesMax });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw refused(`it unpacks to more than ${schemaBytesMax} bytes`);
    if (code.startsWith('Z_')) throw refused('it is not gzip, or damaged');
    throw error;
  }
  try {
    const parsed = parseSchema(text.toString('utf8'), info.key);
    if (parsed.instance === instance) return parsed;
  } catch (error) {
    if (!(error instanceof InfluxHttpError)) throw error;
    throw new RestoreError('SCHEMA_REFUSED', error.message, { cause: error });
  }
  throw refused('it speaks of another instance than its name');
}

/** Returns several schemas as one: of each database, and of the users, the last one counts. */
function merged(schemas: readonly InfluxSchema[]): InfluxSchema {
  const databases = new Map<string, DatabaseSchema>();
  for (const schema of schemas) for (const database of schema.databases) databases.set(database.name, database);
  const users = schemas.findLast((schema) => schema.users !== undefined)?.users;
  return { databases: [...databases.values()], ...(users && { users }) };
}
