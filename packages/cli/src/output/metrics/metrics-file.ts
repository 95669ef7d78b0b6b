import { rename, rm, writeFile } from 'node:fs/promises';
import { CliError } from '../../errors';

/**
 * Writes metrics so that who reads the file never sees a part of it.
 *
 * @throws CliError `METRICS_UNWRITABLE`
 */
export async function writeMetrics(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.tmp`; // node exporter reads what ends with `.prom`
  try {
    await writeFile(next, text);
    await rename(next, path);
  } catch (cause) {
    await rm(next, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('METRICS_UNWRITABLE', `The metrics ${path} cannot be written: ${reason}. Check the folder.`, {
      cause,
    });
  }
}
