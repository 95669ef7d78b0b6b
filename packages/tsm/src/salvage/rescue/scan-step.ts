import type { FieldType } from '../../column';
import type { CheckedBlock } from './block-check';

/** An entry of a block that leads to nothing readable. */
export interface LostBlock {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** What was found in a damaged index. */
export type ScanStep =
  | {
      readonly kind: 'key';
      /** The beginning of its entry. */
      readonly start: number;
      readonly key: Uint8Array;
      readonly type: FieldType;
      readonly blocks: readonly CheckedBlock[];
      readonly lost: readonly LostBlock[];
    }
  | { readonly kind: 'lost'; readonly from: number; readonly to: number };

/** A key that was found. */
export type KeyStep = Extract<ScanStep, { readonly kind: 'key' }>;

/** Returns whether a block can stand behind another one of the same key. */
export function isNext(block: CheckedBlock, before: CheckedBlock | undefined): boolean {
  return before !== undefined && block.type === before.type && block.first > before.last;
}
