import type { HeartbeatCode } from '../heartbeat/faults';
import type { KeyParts } from '../keys/format-key';

/** The part of a backup that a finding is about. */
export type LedgerPartition = Omit<KeyParts, 'day' | 'id'>;

/** Files of one partition that a ledger names, and that the storage does not hold as they were stored. */
export interface LostFiles {
  readonly kind: 'lost' | 'resized';
  readonly name: string;
  readonly partition: LedgerPartition;
  readonly files: number;
  /** The number of their records, as far as the ledger knows it. */
  readonly lines: number;
  /** The least and greatest timestamp of their records, in ns since the epoch; where no ledger knows them, the days of the files. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** What a sink still held when it was last heard of, longer than an upload takes: it is not in the backup yet. */
export interface LateFiles {
  readonly kind: 'late';
  readonly name: string;
  readonly instance: string;
  readonly sink: string;
  readonly files: number;
  /** When the first line of the oldest of them was acked, in ms since the epoch. */
  readonly sinceMs: number;
  /** The number of those that the storage refuses. */
  readonly parked: number;
}

/** A sink that did not say anything when it was due: it is dead, or cut off from the storage. Which of both, a bucket cannot show. */
export interface SilentSink {
  readonly kind: 'silent';
  readonly name: string;
  readonly instance: string;
  readonly sink: string;
  readonly dueMs: number;
  /** Everything that this sink acked before is stored, in ms since the epoch. */
  readonly storedUpToMs: number;
}

/** Files of one partition that no ledger names, although one should. */
export interface UnvouchedFiles {
  readonly kind: 'unvouched';
  readonly name: string;
  readonly partition: LedgerPartition;
  readonly files: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Heartbeats that another one follows, and that are not there. */
export interface LedgerGap {
  readonly kind: 'ledger-gap';
  readonly name: string;
  readonly instance: string;
  readonly sink: string;
  /** When the storage created the heartbeats before and after the gap, in ms since the epoch; the first is absent if there is none. */
  readonly afterMs: number | undefined;
  readonly beforeMs: number;
}

/** A heartbeat that is not to be believed. */
export interface UntrustedHeartbeat {
  readonly kind: 'untrusted';
  readonly name: string;
  readonly instance: string;
  readonly sink: string;
  readonly key: string;
  readonly code: HeartbeatCode;
  readonly reason: string;
}

/** Files that a sink stored, and could not write into its ledger. */
export interface UnnamedFiles {
  readonly kind: 'unnamed';
  readonly name: string;
  readonly instance: string;
  readonly sink: string;
  readonly files: number;
}

/** A copy of a database that was begun and not finished, or whose manifest is not to be believed. None of its files is used. */
export interface UnfinishedSeed {
  readonly kind: 'unfinished-seed';
  readonly name: string;
  readonly instance: string;
  /** Absent for a manifest that is not to be believed: what it would name is not known. */
  readonly partition?: LedgerPartition;
  readonly reason: string;
}

/** Something that a ledger shows to be missing, or that no ledger vouches for. Its `name` is how an operator accepts it. */
export type LedgerFinding =
  | LostFiles
  | LateFiles
  | SilentSink
  | UnvouchedFiles
  | LedgerGap
  | UntrustedHeartbeat
  | UnnamedFiles
  | UnfinishedSeed;

/** Returns what one line says of a finding: the wording of every command. Names are as they were: escape them for a terminal. */
export function describeFinding(finding: LedgerFinding): string {
  switch (finding.kind) {
    case 'lost':
      return `${counted(finding.files)} missing from ${nameOf(finding.partition)}, ${rangeNs(finding)}${linesOf(finding)}`;
    case 'resized':
      return `${counted(finding.files)} of ${nameOf(finding.partition)} changed in size after ${finding.files === 1 ? 'it was' : 'they were'} stored, ${rangeNs(finding)}${linesOf(finding)}`;
    case 'late': {
      const parked = finding.parked === 0 ? '' : `; the storage refuses ${finding.parked} of them`;
      return `${counted(finding.files)} of ${finding.instance} still in the spool of sink ${finding.sink}, since ${timeText(finding.sinceMs)}${parked}`;
    }
    case 'silent':
      return `sink ${finding.sink} of ${finding.instance} is silent: its heartbeat was due at ${timeText(finding.dueMs)}; what it acked after ${timeText(finding.storedUpToMs)} is not vouched for`;
    case 'unvouched':
      return `${counted(finding.files)} of ${nameOf(finding.partition)} that no ledger names, ${daysOf(finding)}`;
    case 'ledger-gap': {
      const after = finding.afterMs === undefined ? 'before' : `from ${timeText(finding.afterMs)} to`;
      return `heartbeats of sink ${finding.sink} of ${finding.instance} are missing, ${after} ${timeText(finding.beforeMs)}: no ledger vouches for files of that time`;
    }
    case 'untrusted':
    case 'unfinished-seed':
      return finding.reason;
    case 'unnamed':
      return `sink ${finding.sink} of ${finding.instance} stored ${counted(finding.files)} that it could not write into its ledger`;
  }
}

/** Returns how a partition is named: without its instance, which every line would repeat. */
function nameOf({ database, retentionPolicy, mixed, quarantine }: LedgerPartition): string {
  const policy = mixed ? ' (several policies)' : retentionPolicy === undefined ? '' : `.${retentionPolicy}`;
  return `${database}${policy}${quarantine ? ' (quarantine)' : ''}`;
}

function counted(files: number): string {
  return files === 1 ? '1 file' : `${files.toLocaleString('en-US')} files`;
}

function linesOf({ lines }: LostFiles): string {
  if (lines === 0) return '';
  return lines === 1 ? ' (1 line)' : ` (${lines.toLocaleString('en-US')} lines)`;
}

function rangeNs({ fromNs, toNs }: LostFiles): string {
  const [from, to] = [minuteText(fromNs), minuteText(toNs)];
  return from === to ? `${from} UTC` : `${from} to ${to} UTC`;
}

function daysOf({ firstDay, lastDay }: UnvouchedFiles): string {
  return firstDay === lastDay ? dayText(firstDay) : `${dayText(firstDay)} to ${dayText(lastDay)}`;
}

function dayText(day: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

function minuteText(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 16).replace('T', ' ');
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
