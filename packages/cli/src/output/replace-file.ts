import { rename, rm, writeFile } from 'node:fs/promises';
import { CliError } from '../errors';

/** Writes a file whole or not at all: who reads it sees the older one until then. @throws CliError `INVALID_OPTIONS` */
export async function replaceFile(option: string, path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('INVALID_OPTIONS', `Expected ${option} to name a file that can be written: ${reason}.`, {
      cause,
    });
  }
}
