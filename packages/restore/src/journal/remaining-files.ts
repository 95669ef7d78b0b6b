import type { OrderedFile } from '../plan/order';
import type { Progress } from '../replay/progress';
import type { Journal } from './journal';

/**
 * The files that a resume must replay: from the first that is not done, all. So `files` must hold none that will not be
 * replayed, such as those outside the selected times: it would never be done, and all after it would be replayed each time.
 *
 * A file that turned up late (its upload was delayed) may stand before some that are done; they are replayed after it,
 * and the journal says so first. A file that is done and has left the storage since is no reason for that.
 */
export async function* undone(
  files: AsyncIterable<OrderedFile>,
  journal: Journal,
  progress: Progress,
): AsyncGenerator<OrderedFile> {
  let position = 0;
  let isReplaying = false;
  for await (const file of files) {
    const found = isReplaying ? -1 : journal.done.find(file.key, position);
    if (found >= 0) {
      position = found + 1;
      progress.doneBefore({ lines: journal.done.linesAt(found), sizeBytes: file.sizeBytes });
      continue;
    }
    if (!isReplaying && position < journal.done.length) await journal.rewind(position);
    isReplaying = true;
    yield file;
  }
}
