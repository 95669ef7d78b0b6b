import type { Clock } from '@ceres/internal';
import { backupStatus, type InstanceStatus } from '@ceres/restore';
import type { ResolvedDrill } from './options';

const askAgainMs = 2_000;
const waitMsMax = 60_000;

/**
 * Reads what ledgers, seeds and names say of the whole backup. A gap in the numbers of files that no ledger names yet is asked for again while sinks
 * run: of two files that are on their way at once, the later one may arrive first.
 *
 * @throws RestoreError `NO_FILES` or `STORAGE`; the signal's reason
 */
export async function readState(settings: ResolvedDrill, clock: Clock): Promise<InstanceStatus> {
  const endMs = clock.now() + waitMsMax;
  for (;;) {
    const status = await askOnce(settings);
    const mayBeLate = status.sequenceGaps.length > 0 && status.sinks.some(({ isClosed }) => !isClosed);
    if (!mayBeLate || clock.now() >= endMs) return status;
    await clock.sleep(askAgainMs, settings.signal);
  }
}

async function askOnce({ storage, instance, accept, keepMs, retired, signal }: ResolvedDrill): Promise<InstanceStatus> {
  const { instances } = await backupStatus({
    storage,
    instance,
    accept: [...accept],
    retired,
    ...(keepMs !== undefined && { keepMs }),
    ...(signal && { signal }),
  });
  const status = instances.find((one) => one.instance === instance);
  if (status === undefined) throw new TypeError('backupStatus() refuses an instance that it has nothing of');
  return status;
}
