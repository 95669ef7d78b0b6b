import type { Clock } from '@ceres/internal';
import { backupStatus, type InstanceStatus } from '@ceres/restore';
import type { ResolvedDrill } from './options';

const askAgainMs = 2_000;
const waitMsMax = 60_000;

/**
 * Reads what ledgers, seeds and names say of the whole backup. What sinks that store at the same moment explain is asked for again: a file that no ledger
 * names, once, since a sink that has just begun may name it; and a gap in the numbers of files, while sinks run, since of two files on their way at once
 * the later one may arrive first.
 *
 * @throws RestoreError `NO_FILES` or `STORAGE`; the signal's reason
 */
export async function readState(settings: ResolvedDrill, clock: Clock): Promise<InstanceStatus> {
  const endMs = clock.now() + waitMsMax;
  for (let unnamedBefore = ''; ; ) {
    const status = await askOnce(settings);
    const unnamed = unnamedIn(status);
    const mayBeNamed = unnamed !== '' && unnamed !== unnamedBefore;
    const mayArrive = status.sequenceGaps.length > 0 && status.sinks.some(({ isClosed }) => !isClosed);
    if (!(mayBeNamed || mayArrive) || clock.now() >= endMs) return status;
    unnamedBefore = unnamed;
    await clock.sleep(askAgainMs, settings.signal);
  }
}

/** Returns which files no ledger names, although there are ledgers; the empty text if there are none. */
function unnamedIn({ hasLedger, findings }: InstanceStatus): string {
  if (!hasLedger) return '';
  const unnamed = findings.filter((finding) => finding.kind === 'unvouched');
  return unnamed.map(({ name, files }) => `${files} ${name}`).join('\n');
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
