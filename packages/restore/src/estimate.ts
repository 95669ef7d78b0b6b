import { asStorageFault } from './errors';
import { sourceOf } from './plan/plan';
import { type SelectedLines, sumUpLines } from './plan/selected-lines';
import type { RestorePlan } from './plan/types';

/**
 * Says how many lines a plan selects, and of which times, without reading them: as ledgers tell it, and the headers of files that no ledger
 * names.
 *
 * @throws RestoreError `INVALID_OPTIONS` or `STORAGE`
 */
export async function estimateRestore(plan: RestorePlan): Promise<SelectedLines> {
  const { selection } = sourceOf(plan);
  try {
    const { firstFileMs: _, lastFileMs: __, ...lines } = await sumUpLines(selection);
    return lines;
  } catch (error) {
    throw asStorageFault(error, `Reading the ledgers of ${selection.instance}`);
  }
}
