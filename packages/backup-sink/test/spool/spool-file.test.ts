import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/spool/files/backlog';
import type { FileState } from '../../src/spool/files/file-states';
import { SpoolFile } from '../../src/spool/files/spool-file';
import { toSpoolPartition } from '../../src/spool/layout';
import { sameMomentName } from '../../src/spool/names';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const nextId = sameMomentName(id);
const partition = toSpoolPartition('/spool', { instance: 'i', database: 'd' }, false);
const pathOf = (kind: string) => `${partition.directory}/${id}.${kind}`;

const open = () => SpoolFile.open({ partition, id, path: pathOf('lp.open'), sinceMs: 0 });
const found = () => SpoolFile.found({ partition, id, path: pathOf('lp.open'), sinceMs: 0 }, nextId);

const recoverAs = (state: 'sealed' | 'compressed') => (file: SpoolFile) =>
  file.recover({ state, id, path: pathOf(state === 'sealed' ? 'lp' : 'gz'), sizeBytes: 10, tried: false });
const compress = (file: SpoolFile) => file.compress(pathOf('gz'), 5, { hasLeftover: false, isMarkedTried: true });
const relocateTo = (kind: 'lp' | 'gz') => (file: SpoolFile) =>
  file.relocate({ id, kind, tried: false, path: pathOf(kind) });

/** How a file gets into each state. */
const inState: Readonly<Record<FileState, () => SpoolFile>> = {
  found,
  open,
  sealed: () => after(open(), (file) => file.seal()),
  compressed: () => after(inState.sealed(), compress),
  parked: () => after(inState.compressed(), (file) => file.park(1)),
  stored: () => after(inState.compressed(), (file) => file.store()),
  removed: () => after(inState.stored(), (file) => file.remove()),
  lost: () => after(inState.sealed(), (file) => file.lose()),
};

function after(file: SpoolFile, change: (file: SpoolFile) => void): SpoolFile {
  change(file);
  return file;
}

/** A change that may come late leaves every state after `open` as it is. */
const oncePastOpen: Partial<Record<FileState, FileState>> = {
  sealed: 'sealed',
  compressed: 'compressed',
  parked: 'parked',
  stored: 'stored',
  removed: 'removed',
  lost: 'lost',
};

/** What happens to a file, and the state that each state leads to; a state that is not named allows no such change. */
const table: readonly [name: string, change: (file: SpoolFile) => void, to: Partial<Record<FileState, FileState>>][] = [
  ['takes lines', (file) => file.append([], 10), { open: 'open' }],
  ['is sealed', (file) => file.seal(), { open: 'sealed' }],
  ['gets the name of a sealed file', (file) => file.nameSealed(pathOf('lp')), { sealed: 'sealed' }],
  ['is inspected because it cannot be recovered yet', (file) => file.inspect(pathOf('lp'), 10), { found: 'found' }],
  ['is recovered as text', recoverAs('sealed'), { found: 'sealed' }],
  ['is recovered as a `.gz`', recoverAs('compressed'), { found: 'compressed' }],
  ['loses its summary', (file) => file.forgetSummary(), { sealed: 'sealed' }],
  ['is compressed', compress, { sealed: 'compressed' }],
  ['is tried', (file) => file.beginPut(), { sealed: 'sealed', compressed: 'compressed' }],
  ['finds its name taken', (file) => file.refuseName(), { sealed: 'sealed', compressed: 'compressed' }],
  ['is about to be renamed', (file) => file.beginRename(nextId), { sealed: 'sealed', compressed: 'compressed' }],
  ['is renamed', (file) => file.endRename(nextId, '/x'), { sealed: 'sealed', compressed: 'compressed' }],
  ['is found elsewhere as text', relocateTo('lp'), oncePastOpen],
  ['is found elsewhere as a `.gz`', relocateTo('gz'), { ...oncePastOpen, sealed: 'compressed' }],
  ['is missing from the spool', (file) => file.miss(), oncePastOpen],
  ['is stored', (file) => file.store(), { sealed: 'stored', compressed: 'stored' }],
  ['is parked', (file) => file.park(2), { sealed: 'parked', compressed: 'parked' }],
  ['is retried', (file) => file.retry(), { parked: 'compressed' }],
  ['is removed', (file) => file.remove(), { stored: 'removed', found: 'removed' }],
  ['is lost', (file) => file.lose(), { found: 'lost', sealed: 'lost', compressed: 'lost' }],
];

const states = Object.keys(inState) as FileState[];

describe.each(table)('a file of the spool that %s', (_, change, to) => {
  const allowed = states.filter((state) => to[state] !== undefined);

  it.each(allowed)('was %s, and becomes what the table says', (state) => {
    const file = inState[state]();
    expect(file.state).toBe(state);
    change(file);
    expect(file.state).toBe(to[state]);
  });

  it.each(states.filter((state) => !allowed.includes(state)))(
    'cannot have been %s: an assertion fails, and nothing changes',
    (state) => {
      const file = inState[state]();
      const before = contentsOf(file);
      expect(() => change(file)).toThrow(AssertionError);
      expect(contentsOf(file)).toEqual(before);
    },
  );
});

function contentsOf({ state, id, nextId, path, sizeBytes, leftover, isMissing, tried, lines, parkedMs }: SpoolFile) {
  return { state, id, nextId, path, sizeBytes, leftover, isMissing, tried, lines, parkedMs };
}

it('a file that was parked as text is retried as a sealed file', () => {
  const file = after(inState.sealed(), (sealed) => sealed.nameSealed(pathOf('lp')));
  file.park(1);
  file.retry();
  expect(file.state).toBe('sealed');
});

it('a rename that failed leaves a file with both ids, until it is found under one of them', () => {
  const file = inState.compressed();
  file.beginRename(nextId);
  expect([file.hasId(id), file.hasId(nextId)]).toEqual([true, true]);
  file.relocate({ id: nextId, kind: 'gz', tried: true, path: '/x' });
  expect([file.hasId(id), file.hasId(nextId), file.tried]).toEqual([false, true, true]);
});

it('a backlog counts the bytes of its files as they grow, shrink, keep a leftover and go', () => {
  let madeRoom = 0;
  const backlog = new Backlog(() => {
    madeRoom += 1;
  });
  const file = open();
  backlog.add(file);
  file.append([{ lines: 1, summary: undefined }], 100);
  expect(backlog.spooledBytes).toBe(100);
  file.seal();
  file.compress(pathOf('gz'), 30, { hasLeftover: true, isMarkedTried: false });
  expect([backlog.spooledBytes, file.leftover, madeRoom]).toEqual([130, pathOf('lp.open'), 0]);
  backlog.store(file);
  expect([backlog.storedFiles, backlog.spooledBytes]).toEqual([1, 130]);
  backlog.remove(file);
  expect([file.state, backlog.spooledBytes, madeRoom]).toEqual(['removed', 0, 1]);
});
