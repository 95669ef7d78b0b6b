import { createMetrics, type MetricsOptions } from '@ceres/drill';
import { exitCodes } from '../../exit-codes';
import { openStorage } from '../../options/storage-url';
import { onlyGiven } from '../../options/values';
import { writeMetrics } from '../../output/metrics/metrics-file';
import type { Terminal } from '../../terminal';

export interface MetricsCommandOptions {
  readonly out?: string;
  readonly instance?: string;
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly accept?: readonly string[];
  readonly certificates?: URL;
}

export async function runMetrics(url: URL, given: MetricsCommandOptions, terminal: Terminal): Promise<number> {
  const { out, instance, keep, retired, accept, certificates } = given;
  const text = await createMetrics(
    onlyGiven<MetricsOptions>({
      storage: await openStorage(url, terminal),
      instance,
      certificates: certificates && (await openStorage(certificates, terminal)),
      keepMs: keep,
      retired,
      accept,
      signal: terminal.signal,
    }),
  );
  // Labels are escaped already, and a line that is wrapped would not be read.
  if (out === undefined) terminal.stdout.write(text);
  else await writeMetrics(out, text);
  return exitCodes.done;
}
