import { formatDuration } from '../../output/format';
import { type Observations, type Outcome, type Patient, racers } from './observe';

/** What is too much or missing. */
export const findingKinds = [
  'missing-bucket',
  'wrong-region',
  'clock-skew',
  'no-conditional-writes',
  'conditional-writes-ignored',
  'races-lost',
  'create-denied',
  'create-allowed',
  'overwrite-allowed',
  'delete-allowed',
  'list-allowed',
  'list-denied',
  'read-allowed',
  'read-denied',
  'reads-own',
  'folder-rights',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly reason: string;
  /** What to do, in one or two sentences. */
  readonly remedy: string;
}

/** What the findings of one store have in common. */
export interface Place extends Pick<Patient, 'isFolder' | 'role'> {
  /** The command that prints what the store needs; `undefined` for a store that `ceres policy` does not know. */
  readonly policyCommand: string | undefined;
}

interface Row {
  readonly kind: FindingKind;
  /** Default: both. */
  readonly role?: Patient['role'];
  readonly when: (seen: Observations, place: Place) => boolean;
  readonly reason: (seen: Observations) => string;
  readonly remedy: (place: Place, seen: Observations) => string;
}

/** Names of files carry the time, and Amazon refuses requests that are 15 minutes off. */
const skewMsMax = 60_000;

const isMissing = ({ create, list }: Observations) =>
  [create, list].some(({ is }) => is === 'missing' || is === 'missing-bucket');
const said = (outcome: Outcome) => outcome.reason ?? '';

/** Returns a remedy that names the command which prints the policies, if `ceres policy` knows the store. */
const byPolicy =
  (text: string) =>
  ({ policyCommand }: Place) =>
    policyCommand === undefined ? `${text}.` : `${text}; this prints the policies: ${policyCommand}`;

const rows: readonly Row[] = [
  {
    kind: 'missing-bucket',
    when: isMissing,
    reason: ({ create, list }) => said(create) || said(list),
    remedy: ({ isFolder }) =>
      isFolder ? 'Check the path, or make the folder.' : 'Check the name of the bucket and the endpoint, or create it.',
  },
  {
    kind: 'wrong-region',
    when: ({ create }) => create.is === 'wrong-region',
    reason: ({ create }) => said(create),
    remedy: () => 'Name the region of the bucket in the URL: ?region=…, and in the options of the service.',
  },
  {
    kind: 'clock-skew',
    when: ({ skewMs = 0, create }) => create.is === 'clock-skew' || Math.abs(skewMs) > skewMsMax,
    reason: ({ skewMs, create }) => (skewMs === undefined ? said(create) : describeSkew(skewMs)),
    remedy: () =>
      'Set the clock, and keep it with NTP: Amazon refuses requests that are 15 minutes off, and the names of files carry their time.',
  },
  {
    kind: 'no-conditional-writes',
    when: ({ create }) => create.is === 'no-conditional-writes',
    reason: ({ create }) => said(create),
    remedy: () => 'Update the store, or choose another: this one cannot create without overwriting.',
  },
  {
    kind: 'conditional-writes-ignored',
    when: ({ createAgain }) => createAgain.is === 'done',
    reason: ({ keepsVersions }) =>
      `A second create of one name has replaced the first${keepsVersions ? ': the bucket keeps versions, and this store then ignores the condition (as Ceph does)' : ': the store ignores the condition'}.`,
    remedy: (_place, { keepsVersions }) =>
      keepsVersions
        ? 'Keep the backup in a bucket without versioning and without a lock.'
        : 'Update the store, or choose another. Until then, a retry may store a file twice, and a thief can overwrite.',
  },
  {
    kind: 'races-lost',
    when: ({ winners = 0, createAgain }) => winners > 1 && createAgain.is !== 'done',
    reason: ({ winners }) => `${winners} of ${racers} creates of one name at the same time have won. Exactly one may.`,
    remedy: () =>
      'Update the store, or choose another: two writers of one name would both believe that they stored it.',
  },
  {
    kind: 'create-denied',
    role: 'writer',
    when: ({ create }) => create.is === 'denied',
    reason: ({ create }) => said(create),
    remedy: byPolicy('Allow the credential to create objects'),
  },
  {
    kind: 'create-allowed',
    role: 'reader',
    when: ({ create }) => create.is === 'done',
    reason: () => 'The reader can create objects, and so plant files. A restore needs no such right.',
    remedy: byPolicy('Take the right to create from the credential, unless it also stores the certificates of drills'),
  },
  {
    kind: 'overwrite-allowed',
    when: ({ overwrite }) => overwrite.is === 'done',
    reason: () => 'An upload without a condition was accepted: a thief of this credential can replace every file.',
    remedy: byPolicy('Let the bucket refuse every upload that may overwrite'),
  },
  {
    kind: 'delete-allowed',
    when: ({ delete: deleted }) => deleted.is === 'done' || deleted.is === 'missing',
    reason: () => 'A canary could be deleted: a thief of this credential can delete the whole backup.',
    remedy: byPolicy('Take the right to delete from the credential'),
  },
  {
    kind: 'list-allowed',
    role: 'writer',
    when: ({ list }, { isFolder }) => list.is === 'done' && !isFolder,
    reason: () => 'The writer can list the bucket: a thief learns the names of all files.',
    remedy: byPolicy('Take the right to list from the credential'),
  },
  {
    kind: 'list-denied',
    role: 'reader',
    when: ({ list }) => list.is === 'denied',
    reason: ({ list }) => said(list),
    remedy: byPolicy('Allow the credential to list the bucket'),
  },
  {
    kind: 'read-allowed',
    role: 'writer',
    when: ({ readOther }, { isFolder }) => readOther.is === 'done' && !isFolder,
    reason: () => 'The writer can read a file that it did not store in this run: a thief can read the whole backup.',
    remedy: byPolicy('Take the right to read from the credential'),
  },
  {
    kind: 'read-denied',
    role: 'reader',
    when: ({ readOther }) => readOther.is === 'denied',
    reason: ({ readOther }) => said(readOther),
    remedy: byPolicy('Allow the credential to read objects'),
  },
  {
    kind: 'reads-own',
    role: 'writer',
    when: ({ readOwn, readOther }, { isFolder }) => readOwn.is === 'done' && readOther.is !== 'done' && !isFolder,
    reason: () =>
      'The writer can read what it has just stored itself. That is no leak yet: it may be the right of an owner alone.',
    remedy: byPolicy(
      'Take the right to read from the credential, if it has it. On a store that lets each owner read, as Ceph does, accept this finding',
    ),
  },
  {
    kind: 'folder-rights',
    role: 'writer',
    when: ({ create }, { isFolder }) => create.is === 'done' && isFolder,
    reason: () =>
      'A process that may create files in a folder may also overwrite, delete, list and read them: no folder separates these rights.',
    remedy: () =>
      'Against a thief, keep the backup in a bucket, or have another host fetch the folder with an account of its own. If disasters are all that it is for, accept this finding.',
  },
];

/** Returns what is wrong with a store or a credential, the gravest first. */
export function judge(seen: Observations, place: Place): readonly Finding[] {
  return rows
    .filter(({ role = place.role, when }) => role === place.role && when(seen, place))
    .map(({ kind, reason, remedy }) => ({ kind, reason: reason(seen), remedy: remedy(place, seen) }));
}

/** Returns what could not be tried, and why. */
export function untestedOf(seen: Observations, { isFolder, role }: Place, hasProbe: boolean): readonly string[] {
  if (isFolder) return [];
  const isOpen = seen.create.is === 'done' || seen.create.is === 'denied';
  return [
    ...(hasProbe ? [] : ['overwriting, deleting and the clock: the adapter of this store offers no entry /doctor']),
    ...(hasProbe && seen.skewMs === undefined ? ['the clock: the store did not tell its time'] : []),
    ...(seen.winners === 0 ? ['racing creates: no racer has seen its own success'] : []),
    ...(role === 'reader' && seen.list.is === 'done' && seen.readOther.is === 'untried' && isOpen
      ? ['reading: there is no file yet']
      : []),
  ];
}

function describeSkew(skewMs: number): string {
  return `The clock of this machine is ${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the store's.`;
}
