import { rename, rm, writeFile } from 'node:fs/promises';
import type { CliError } from '../errors';

/**
 * Writes a file whole or not at all: who reads it sees the older one until then.
 *
 * @throws the error that `errorOf` makes of the reason
 */
export async function replaceFile(
  path: string,
  text: string,
  errorOf: (reason: string, cause: unknown) => CliError,
): Promise<void> {
  const next = `${path}.${process.pid}.tmp`; // node exporter reads what ends with `.prom`
  try {
    await writeFile(next, text);
    await rename(next, path);
  } catch (cause) {
    await rm(next, { force: true });
    throw errorOf(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
