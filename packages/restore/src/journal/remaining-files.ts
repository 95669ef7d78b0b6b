import type { OrderedFile } from '../plan/order';
import type { DoneList } from './done-files';
import type { Journal } from './journal';

/** What a resume does with files that an earlier run has dealt with. */
export interface EarlierFiles {
  /** Called for each file that an earlier run has done or set aside. */
  readonly onDoneBefore: (file: { readonly lines: number; readonly sizeBytes: number }) => void;
  /** Returns whether a file that was set aside is still damaged, and was not salvaged either. */
  readonly isStillDamaged: (file: OrderedFile) => Promise<boolean>;
}

/**
 * Yields the files that a resume must replay: of each database, all of them from the first one that is not done.
 *
 * A file that arrived late, because its upload was delayed, may stand before some that are done. Those of its database are then replayed
 * after it, and the journal says so first. The same goes for a file that was set aside and can be sent now. A file that is done and has
 * left the storage since does not cause that.
 *
 * @param files without those that will not be replayed, such as files outside the selected times: such a file is never
 *   done, and everything after it would be replayed each time
 */
export async function* remainingFiles(
  files: AsyncIterable<OrderedFile>,
  journal: Journal,
  { onDoneBefore, isStillDamaged }: EarlierFiles,
): AsyncGenerator<OrderedFile> {
  let list: DoneList | undefined;
  let position = 0;
  let isReplaying = false;
  for await (const file of files) {
    const own = journal.doneBeside(file.key);
    if (own !== list) {
      // The files of one database follow each other.
      list = own;
      position = 0;
      isReplaying = false;
    }
    const found = isReplaying ? -1 : own.find(file.key, position);
    if (found >= 0) {
      if (!own.isSetAside(found) || (await isStillDamaged(file))) {
        position = found + 1;
        onDoneBefore({ lines: own.linesAt(found), sizeBytes: file.sizeBytes });
        continue;
      }
      position = found;
    }
    if (!isReplaying && position < own.length) await journal.rewind(file.key, position);
    isReplaying = true;
    yield file;
  }
}
