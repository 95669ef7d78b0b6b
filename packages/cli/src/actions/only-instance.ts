import { listNames } from '@ceres/internal';
import { RestoreError } from '@ceres/restore';
import { listInstances } from '@ceres/storage/internal';
import { CliError } from '../errors';
import { openStorage } from '../options/storage-url';
import type { Terminal } from '../terminal';

/**
 * Returns the only instance that a backup has.
 *
 * @throws CliError `INVALID_OPTIONS` that lists them, if there are more; RestoreError `NO_FILES`, if there is none; StorageError
 */
export async function onlyInstance(url: URL, terminal: Terminal): Promise<string> {
  const instances = await listInstances(await openStorage(url, terminal), { signal: terminal.signal });
  const [only, ...others] = instances;
  if (only === undefined) throw new RestoreError('NO_FILES', `Found no file of a backup in ${url}. Check the URL.`);
  if (others.length === 0) return only;
  const message = `The backup has several instances: ${listNames(instances)}. Choose one with --instance, or set CERES_INSTANCE.`;
  throw new CliError('INVALID_OPTIONS', message);
}
