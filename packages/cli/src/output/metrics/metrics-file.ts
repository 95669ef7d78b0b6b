import { CliError } from '../../errors';
import { replaceFile } from '../replace-file';

/**
 * Writes metrics so that who reads the file never sees a part of it.
 *
 * @throws CliError `METRICS_UNWRITABLE`
 */
export async function writeMetrics(path: string, text: string): Promise<void> {
  await replaceFile(path, text, (reason, cause) => {
    const message = `The metrics ${path} cannot be written: ${reason}. Check the folder.`;
    return new CliError('METRICS_UNWRITABLE', message, { cause });
  });
}
