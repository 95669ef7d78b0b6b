import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import { type FileFinding, findingsMax, readFile } from './read-file';
import { SequenceGaps } from './sequence-gaps';

/** What reading all files has shown. */
export interface FilesCheck {
  readonly lines: number;
  readonly findings: readonly FileFinding[];
}

/**
 * Reads every file whole, and checks gzip, footer and digest of each, and the sequence numbers across all of them.
 *
 * @throws StorageError
 */
export async function checkFiles(files: AsyncIterable<OrderedFile>, selection: ResolvedSelection): Promise<FilesCheck> {
  const findings: FileFinding[] = [];
  const sequences = new SequenceGaps();
  let lines = 0;
  const visitor = {
    header: (header: Parameters<SequenceGaps['add']>[0]) => {
      sequences.add(header);
      return true;
    },
    batch: (batch: { readonly lines: number }) => {
      lines += batch.lines;
    },
  };
  for await (const { key } of files) {
    const finding = await readFile(key, selection, visitor);
    if (finding !== undefined && findings.length < findingsMax) findings.push(finding);
  }
  const gaps = sequences.gaps().map((reason) => ({ problem: 'missing', reason }) as const);
  return { lines, findings: [...findings, ...gaps.slice(0, findingsMax)] };
}
