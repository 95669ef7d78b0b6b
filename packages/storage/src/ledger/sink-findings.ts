import { least } from '@ceres/internal';
import type { LedgerFinding } from './findings';
import type { KeyTable } from './key-table';
import type { SinkLedger } from './read/sink-ledger';

/** A heartbeat may be this late before its sink counts as silent. */
const graceMs = 60_000;

export interface Judging {
  readonly nowMs: number;
  /** The ids of sinks that are gone for good. */
  readonly retired: ReadonlySet<string>;
  /** The keys that sinks were about to store; those that the storage holds are marked. */
  readonly pending: KeyTable;
  /** Returns whether a seed holds what a file held that never came. */
  readonly isClosed: (key: string) => boolean;
}

/** Returns what is to be said of one sink: whether it is silent, what it holds back, and what its ledger lacks. */
export function findingsOf(ledger: SinkLedger, { nowMs, retired, pending, isClosed }: Judging): LedgerFinding[] {
  const { instance, sink, unnamed } = ledger;
  const findings: LedgerFinding[] = [...ledger.gaps];
  const state = ledger.state();
  if (state?.dueMs !== undefined && state.dueMs + graceMs < nowMs && !retired.has(sink)) {
    const { dueMs, storedUpToMs } = state;
    findings.push({ kind: 'silent', name: `silent/${sink}/${instance}`, instance, sink, dueMs, storedUpToMs });
  }
  const late = ledger.late.filter(({ key }) => {
    const entry = pending.find(key);
    return entry !== undefined && !pending.isMarked(entry) && !isClosed(key);
  });
  if (late.length > 0) {
    findings.push({
      kind: 'late',
      name: `late/${sink}/${instance}`,
      instance,
      sink,
      files: late.length,
      sinceMs: least(late.map(({ sinceMs }) => sinceMs)),
      parked: late.filter(({ state: pendingState }) => pendingState === 'parked').length,
    });
  }
  if (unnamed > 0) {
    findings.push({ kind: 'unnamed', name: `unnamed/${sink}/${instance}:${unnamed}`, instance, sink, files: unnamed });
  }
  return findings;
}
