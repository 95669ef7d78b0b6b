import type { RestoreProgress } from '@ceres/restore';
import { formatCount, formatCountOf } from '../../format';

/** Says what an interrupted restore has done. */
export function interruptedAt(done: RestoreProgress | undefined, journalFile: string): string {
  const kept = `What is done is in ${journalFile}, and is not repeated.`;
  if (done === undefined) return `Interrupted. ${kept}`;
  const { files, filesTotal, lines } = done;
  const reached = `${formatCount(files)} of ${formatCountOf(filesTotal, 'file')} and ${formatCountOf(lines, 'line')} are done.`;
  return `Interrupted. ${reached} ${kept}`;
}
