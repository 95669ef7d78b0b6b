import { fileURLToPath } from 'node:url';
import { createReport, type ReportOptions } from '@ceres/drill';
import { CliError } from '../../errors';
import { exitCodes } from '../../exit-codes';
import { openStorage } from '../../options/storage-url';
import { onlyGiven } from '../../options/values';
import { formatBytes } from '../../output/format';
import { replaceFile } from '../../output/replace-file';
import { print, type Terminal } from '../../terminal';

export interface ReportCommandOptions {
  readonly out: string;
  readonly instance?: string;
  readonly goal?: number;
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly accept?: readonly string[];
  readonly certificates?: URL;
}

export async function runReport(url: URL, given: ReportCommandOptions, terminal: Terminal): Promise<number> {
  const { out, instance, goal, keep, retired, accept, certificates } = given;
  const { html, isGood } = await createReport(
    onlyGiven<ReportOptions>({
      storage: await openStorage(url, terminal),
      instance,
      certificates: certificates && (await openStorage(certificates, terminal)),
      backup: url.protocol === 'file:' ? fileURLToPath(url) : url.href,
      goalMs: goal,
      keepMs: keep,
      retired,
      accept,
      signal: terminal.signal,
    }),
  );
  await replaceFile(out, html, (reason, cause) => {
    return new CliError('INVALID_OPTIONS', `Expected --out to name a file that can be written: ${reason}.`, { cause });
  });
  const verdict = isGood ? 'The backup is good' : 'The backup needs attention';
  print(terminal, `${verdict}. The page: ${out} (${formatBytes(Buffer.byteLength(html))})`);
  return isGood ? exitCodes.done : exitCodes.found;
}
