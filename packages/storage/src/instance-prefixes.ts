import { drillsFolder } from './drill/drill-key';
import { doctorFolder } from './for-adapters/store-probe';
import { heartbeatFolder } from './heartbeat/heartbeat-key';
import { formatPrefix, quarantineFolder } from './keys/format-key';
import { schemaFolder, seedFolder } from './seed/seed-key';

/** The folders of a bucket in which each instance has a folder, beside that of its files. */
const foldersOfInstances = [heartbeatFolder, quarantineFolder, seedFolder, schemaFolder, drillsFolder];

/**
 * Returns the prefixes of everything that may be stored for one instance: what a policy allows that is narrowed to it. Canaries are of no
 * instance.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function instancePrefixes(instance: string): readonly string[] {
  const own = formatPrefix({ instance });
  return [own, ...foldersOfInstances.map((folder) => `${folder}/${own}`), `${doctorFolder}/`];
}
