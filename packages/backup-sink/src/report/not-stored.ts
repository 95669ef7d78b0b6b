import type { Clock } from '@ceres/storage';
import type { Reporter } from './reporter';

/** An outage that is shorter than this passes without a warning. */
const retryMsMax = 60_000;

/**
 * Makes a sink without a logger say that it cannot store, by a warning of the process: otherwise no one may notice until the
 * spool is full.
 *
 * It warns once per episode: at the first refusal, until none of the refused files is left; and when retries have gone on for
 * a minute, until a file is stored.
 */
export function warnWhenNotStored(reporter: Reporter, spoolDir: string, clock: Clock): void {
  const refused = new Set<string>();
  let retryingSinceMs: number | undefined;
  let hasWarnedOfRetries = false;

  reporter.on('parked', ({ path, error }) => {
    if (refused.size === 0) warn(spoolDir, 'has a file that its storage refuses', error);
    refused.add(idIn(path));
  });
  reporter.on('retry', ({ error }) => {
    const nowMs = clock.now();
    retryingSinceMs ??= nowMs;
    if (hasWarnedOfRetries || nowMs - retryingSinceMs < retryMsMax) return;
    hasWarnedOfRetries = true;
    warn(spoolDir, `has stored no file since ${new Date(retryingSinceMs).toISOString()}, and retries`, error);
  });
  reporter.on('stored', ({ key }) => {
    retryingSinceMs = undefined;
    hasWarnedOfRetries = false;
    refused.delete(idIn(key));
  });
}

/** Returns the UUID of a file, which its path in the spool and its key have in common. */
function idIn(name: string): string {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(name)?.[0] ?? name;
}

function warn(spoolDir: string, what: string, { message }: Error): void {
  const advice = 'Acked points wait in the spool. To see every event, give BackupSink.open() a `logger`.';
  process.emitWarning(`The backup sink of ${spoolDir} ${what}: ${message} ${advice}`, {
    type: 'CeresWarning',
    code: 'CERES_NOT_STORED',
  });
}
