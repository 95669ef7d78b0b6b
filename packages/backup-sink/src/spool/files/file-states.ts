import assert from 'node:assert/strict';

/** The states of a file on its way from its first frame to the storage. The names on disk are in layout.ts. */
export type FileState =
  | 'found' // an earlier run left it, and it is not recovered yet
  | 'open' // takes lines
  | 'sealed' // takes no more lines; the disk holds them as text
  | 'compressed' // the disk holds its `.gz`
  | 'parked' // the storage refused it for good; it is retried hourly
  | 'stored' // the storage has it; it is still to be removed from the disk
  | 'removed' // nothing of it is left on the disk, and nothing is missing from the storage
  | 'lost'; // nothing of it is left on the disk, and the storage does not have it

type Transitions = Readonly<Record<string, Partial<Record<FileState, readonly FileState[]>>>>;

/**
 * The state machine: for each transition the states in which it may happen, and where it may lead from there.
 * Anything else is a bug of ours, and fails an assertion before it changes anything.
 */
const transitions = {
  append: { open: ['open'] },
  seal: { open: ['sealed'] },
  nameSealed: { sealed: ['sealed'] },
  inspect: { found: ['found'] },
  recover: { found: ['sealed', 'compressed'] },
  forgetSummary: { sealed: ['sealed'] },
  compress: { sealed: ['compressed'] },
  beginPut: { sealed: ['sealed'], compressed: ['compressed'] },
  refuseName: { sealed: ['sealed'], compressed: ['compressed'] },
  beginRename: { sealed: ['sealed'], compressed: ['compressed'] },
  endRename: { sealed: ['sealed'], compressed: ['compressed'] },
  // A storage may read a body for longer than its put is waited for, and then find that the file has moved.
  relocate: {
    sealed: ['sealed', 'compressed'],
    compressed: ['compressed'],
    parked: ['parked'],
    stored: ['stored'],
    removed: ['removed'],
    lost: ['lost'],
  },
  miss: {
    sealed: ['sealed'],
    compressed: ['compressed'],
    parked: ['parked'],
    stored: ['stored'],
    removed: ['removed'],
    lost: ['lost'],
  },
  store: { sealed: ['stored'], compressed: ['stored'] },
  park: { sealed: ['parked'], compressed: ['parked'] },
  retry: { parked: ['sealed', 'compressed'] },
  remove: { stored: ['removed'], found: ['removed'] },
  lose: { found: ['lost'], sealed: ['lost'], compressed: ['lost'] },
} satisfies Transitions;

export type Transition = keyof typeof transitions;

/** Fails if a file in the state `from` may not become `to` by this transition. */
export function assertMayBecome(transition: Transition, from: FileState, to: FileState, path: string): void {
  const mayBecome = (transitions as Transitions)[transition]?.[from]?.includes(to) ?? false;
  assert(mayBecome, `${path} cannot ${transition}: it is ${from}, and would become ${to}.`);
}
