import { fullSpeed } from '@ceres/internal';
import { refuseUnvouched } from '../heal/vouched';
import { checkThreads } from '../options/checks';
import type { ResolvedHeal } from '../options/heal';
import type { ResolvedRestore } from '../options/restore';
import type { ResolvedSelection } from '../options/selection';
import { Steps } from '../progress/steps';

/** Returns the options of the heal that ends a restore beside live writes. A native restore compares through the snapshot service. */
export function healAfter(selection: ResolvedSelection, settings: ResolvedRestore): ResolvedHeal {
  const { to, native, map, precision, scratchDir, waitMs, onServer, onCheck, clock } = settings;
  const { serverUrl, accept, rateLinesPerSecond, patienceMs } = settings;
  return {
    verify: {
      level: 'content',
      selection,
      to,
      snapshot: native?.url,
      threads: checkThreads('threads', native?.threads),
      digests: false,
      map,
      precision,
      scratchDir,
      pointsMax: 0,
      waitMs,
      onServer,
      steps: new Steps(clock, onCheck),
      pace: fullSpeed,
      clock,
    },
    to,
    serverUrl,
    onlyDifferent: false,
    accept,
    largeDamage: true,
    rateLinesPerSecond,
    patienceMs,
    confirm: () => true,
    isAfterRestore: true,
    clock,
  };
}

/**
 * Refuses a restore beside live writes if its end is known to be refused: nothing says, or will say, what is newest.
 *
 * @throws RestoreError `HEAL_REFUSED`; StorageError
 */
export async function refuseBlindHeal(selection: ResolvedSelection, settings: ResolvedRestore): Promise<void> {
  await refuseUnvouched({ selection, options: healAfter(selection, settings) });
}
