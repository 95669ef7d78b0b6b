import { cut } from '@ceres/internal';
import { escapeControls } from '../../escape';

/** A line that is longer hides the others: it may name several things of up to 64 KB. */
const reasonMax = 1_000;

/** Returns a sentence that has names in it as a terminal shows it: escaped, and cut visibly. */
export function shownReason(reason: string): string {
  return escapeControls(cut(reason, reasonMax));
}
