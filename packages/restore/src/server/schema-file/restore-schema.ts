import type { ResolvedRestore } from '../../options/restore';
import type { PlanSource } from '../../plan/plan';
import { type Patience, ServerConnection } from '../connection';
import { missingSchema, readSchema } from '../policies/schema';
import { createQueries, type SchemaReport } from './create-queries';
import { readSchemaFiles } from './read-schema-files';
import { restoredSchema } from './restored-schema';

/**
 * Restores the schema alone, where the points are there already.
 *
 * @throws RestoreError `SCHEMA_REFUSED`, `INVALID_OPTIONS` or `SERVER_…`; StorageError
 */
export async function restoreSchema(
  { selection }: PlanSource,
  settings: ResolvedRestore & Patience,
): Promise<SchemaReport> {
  const restored = restoredSchema(await readSchemaFiles(selection), selection, settings.map);
  const server = await ServerConnection.connect(settings.to, settings);
  const databases = restored.policies.map(({ database }) => database);
  const creates = missingSchema(await readSchema(server, databases), restored.policies);
  for (const { statement } of creates) await server.change(statement);
  return await createQueries(server, restored);
}
