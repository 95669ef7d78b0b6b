import type { BackupStatus, Verdict } from '@ceres/restore';
import { expect, it } from 'vitest';
import { afterCheck, afterDryRun, afterRestore } from '../../src/output/next/after-restore';
import { afterSeed } from '../../src/output/next/after-seed';
import { afterStatus } from '../../src/output/next/after-status';
import { afterVerify } from '../../src/output/next/after-verify';
import { flags } from '../../src/output/next/next-command';
import type { PolicyDifference } from '../../src/output/results/recover/differences';
import { createProgram } from '../../src/run';
import { screen } from './screen';

const source = ['file:///b', '--instance', 'i 1'];
const server = ['--to', 'http://h:8086'];
const typed = "file:///b --instance 'i 1'";
const verdict: Verdict = {
  level: 'counts',
  outcome: 'NOT EQUAL',
  equal: false,
  mismatches: [],
  absentPolicies: [],
  seedOnly: [],
  notCompared: [],
  comparedFrom: undefined,
  points: 0,
  findings: [],
};
const lost: PolicyDifference = {
  database: 'db_0',
  retentionPolicy: 'rp',
  measurements: ['cpu'],
  missing: 9,
  extra: 0,
  differentMax: 0,
  stretches: [{ from: 60_000_000_000n, until: 120_000_000_000n }],
  isAbsent: false,
};
const verify = (...more: string[]) => screen(['verify', ...source, ...server, ...more]).terminal;
const commands = (next: readonly { readonly command: string }[]) => next.map(({ command }) => command);

it('knows which options take no value', () => {
  const program = createProgram(screen().terminal, () => undefined);
  const withoutValue = program.commands.flatMap(({ options }) =>
    options.filter(({ required, optional }) => !required && !optional).map(({ long }) => long),
  );
  expect(new Set(withoutValue)).toEqual(new Set(flags));
});

it('after equal counts, the comparison of every value; after that, nothing', () => {
  const equal = { ...verdict, equal: true, outcome: 'EQUAL' as const };
  expect(commands(afterVerify(verify('--level=counts', '--db', 'x'), equal, []))).toEqual([
    `ceres verify ${typed} --to http://h:8086 --db x --level content`,
  ]);
  expect(afterVerify(verify(), { ...equal, level: 'content' }, [])).toEqual([]);
});

it('keeps the package that opens the storage', () => {
  const other = ['--storage-package', '@acme/swift'];
  const typedToo = `${typed} --to http://h:8086 --storage-package @acme/swift`;
  const [restore = ''] = commands(afterVerify(verify(...other), verdict, [{ ...lost, isAbsent: true }]));
  expect(restore).toBe(`ceres restore ${typedToo} --db db_0 --into-existing`);
});

it('after missing points, the restore of their databases and times', () => {
  expect(commands(afterVerify(verify('--wait', '5m', '--json'), verdict, [lost]))).toEqual([
    `ceres restore ${typed} --to http://h:8086 --db db_0 --from 1970-01-01T00:01:00Z --until 1970-01-01T00:02:00Z --measurement cpu --into-existing`,
  ]);
  expect(commands(afterVerify(verify(), verdict, [{ ...lost, isAbsent: true }]))).toEqual([
    `ceres restore ${typed} --to http://h:8086 --db db_0 --into-existing`,
  ]);
  const given = verify('--db', 'db_0', '--from', '1970-01-01');
  expect(commands(afterVerify(given, verdict, [lost]))).toEqual([
    `ceres restore ${typed} --to http://h:8086 --db db_0 --from 1970-01-01 --measurement cpu --into-existing`,
  ]);
});

it('after other values, the values themselves and the heal, and no restore', () => {
  const differs = { ...lost, missing: 0, differentMax: 3 };
  expect(commands(afterVerify(verify(), { ...verdict, points: 100 }, [differs]))).toEqual([
    `ceres verify ${typed} --to http://h:8086 --points 20`,
    `ceres heal ${typed} --to http://h:8086`,
  ]);
});

it('after points that a tenth of them lack at most, the heal; after more, or of a policy that is not there, the restore', () => {
  const after = (points: number, more: Partial<PolicyDifference> = {}, argv = verify()) =>
    commands(afterVerify(argv, { ...verdict, points }, [{ ...lost, ...more }])).map((command) => command.split(' ')[1]);
  expect(after(90)).toEqual(['heal']);
  expect(after(89)).toEqual(['restore']);
  expect(after(1_000, { isAbsent: true })).toEqual(['restore']);
  // A heal takes the whole backup of what it heals.
  expect(after(1_000, {}, verify('--opened-before', '2026-01-01'))).toEqual(['restore']);
});

it('after many missing points where the database holds others, the diagnosis: it may be that of another instance', () => {
  expect(commands(afterVerify(verify(), verdict, [{ ...lost, extra: 5 }])).at(-1)).toBe(
    `ceres diagnose ${typed} --to http://h:8086`,
  );
  const elsewhere = { ...lost, database: 'db_1', missing: 0, extra: 5 };
  expect(commands(afterVerify(verify(), verdict, [lost, elsewhere])).at(-1)).toMatch(/^ceres restore /);
});

it('heals through the same service, and not from a folder', () => {
  const healed = (...more: string[]) => commands(afterVerify(verify(...more), { ...verdict, points: 100 }, [lost]))[0];
  const snapshot = ['--level', 'content', '--snapshot', 'tcp://127.0.0.1:8088'];
  expect(healed(...snapshot)).toBe(`ceres heal ${typed} --to http://h:8086 --snapshot tcp://127.0.0.1:8088`);
  expect(healed('--level', 'content', '--snapshot', 'portable')).toBe(`ceres heal ${typed} --to http://h:8086`);
});

it('heals what is late no sooner than it is there, and nothing from a backup that is damaged', () => {
  const gap = { instance: 'i 1', database: 'db_0', side: 'backup' as const };
  const after = (reason: string, more: Partial<PolicyDifference>) => {
    const seen = { ...verdict, points: 100, notCompared: [{ ...gap, reason }] };
    return commands(afterVerify(verify('--points', '9'), seen, [{ ...lost, ...more }])).map((one) => one.split(' ')[1]);
  };
  expect(after('it differs, and may be late', { missing: 0, differentMax: 3 })).toEqual(['verify']);
  expect(after('it differs, and may be late', {})).toEqual(['heal', 'verify']);
  expect(after('a file is missing', {})).toEqual(['check', 'restore']);
});

it('after a wait that did not settle what differs, the comparison up to an hour ago', () => {
  const gap = { instance: 'i 1', database: 'db_0', side: 'backup' as const };
  const notCompared = [{ ...gap, reason: 'it differs, and may be late' }];
  const settled = `ceres verify ${typed} --to http://h:8086 --until -1h`;
  const last = (argv: readonly string[], seen: Partial<Verdict>, differences: readonly PolicyDifference[]) =>
    commands(afterVerify(verify(...argv), { ...verdict, ...seen }, differences)).at(-1);
  expect(last(['--wait', '15m'], { notCompared }, [])).toBe(settled);
  expect(last(['--wait=15m'], {}, [{ ...lost, missing: 0, extra: 3 }])).toBe(settled);
  expect(last(['--wait', '15m'], {}, [{ ...lost, missing: 0, differentMax: 3 }])).toBe(settled);
  // What the database lacks, no service has still to write; and what is old has settled.
  expect(last(['--wait', '15m'], {}, [lost])).not.toContain('-1h');
  expect(last(['--wait', '15m', '--until', '2026-01-01'], { notCompared }, [])).toBeUndefined();
  expect(last([], {}, [{ ...lost, missing: 0, extra: 3 }])).not.toContain('-1h');
});

it('after an incomplete comparison, what completes it', () => {
  const gap = { instance: 'i 1', database: 'db_0', side: 'backup' as const };
  const notCompared = [
    { ...gap, key: 'a.gz', reason: 'cut off' },
    { ...gap, reason: 'it differs, and may be late' },
  ];
  expect(commands(afterVerify(verify(), { ...verdict, notCompared }, []))).toEqual([
    `ceres check ${typed}`,
    `ceres verify ${typed} --to http://h:8086 --wait 15m`,
  ]);
});

it('after a check, the dry run; of damaged files, their salvage', () => {
  const { terminal } = screen(['check', ...source, '--all']);
  expect(commands(afterCheck(terminal, { ...verdict, equal: true }))).toEqual([
    `ceres restore ${typed} --to http://HOST:8086 --dry-run`,
  ]);
  const findings = [{ name: 'a.gz', key: 'a.gz', problem: 'cut-off' as const, reason: 'cut off' }];
  expect(commands(afterCheck(terminal, { ...verdict, findings }))).toEqual([
    `ceres restore ${typed} --to http://HOST:8086 --salvage-damaged salvage`,
  ]);
});

it('after a dry run, the restore; after that, the comparison, or what to do about damaged files', () => {
  const { terminal } = screen(['restore', ...source, ...server, '--wipe', '--yes', '--dry-run']);
  expect(commands(afterDryRun(terminal))).toEqual([`ceres restore ${typed} --to http://h:8086 --wipe --yes`]);
  const report = { files: 1, lines: 1, expired: 0, rejected: 0, typeConflicts: [], unsealedFiles: [], leftOut: [] };
  const whole = { ...report, damagedFiles: [], closedFiles: [], elapsedMs: 1 };
  expect(commands(afterRestore(terminal, whole, {}))).toEqual([`ceres verify ${typed} --to http://h:8086`]);
  const damagedFiles = [{ name: 'a.gz', key: 'a.gz', problem: 'cut-off' as const, reason: 'cut off' }];
  const damaged = { ...whole, damagedFiles };
  const restore = screen(['restore', ...source, ...server]).terminal;
  expect(commands(afterRestore(restore, damaged, {}))).toEqual([
    `ceres restore ${typed} --to http://h:8086 --salvage-damaged salvage`,
  ]);
  const salvaging = screen(['restore', ...source, ...server, '--salvage-damaged', 'there']).terminal;
  expect(commands(afterRestore(salvaging, damaged, { salvageDamaged: 'there' }))).toEqual([
    `ceres restore ${typed} --to http://h:8086 --include-salvaged there`,
  ]);
});

it('after a restore into what exists, of which InfluxDB refused lines, the diagnosis of what keeps them out', () => {
  const refused = { damagedFiles: [], rejected: 1 };
  const into = screen(['restore', ...source, ...server, '--db', 'x', '--measurement', 'm', '--into-existing']).terminal;
  expect(commands(afterRestore(into, refused, {}))).toEqual([`ceres diagnose ${typed} --to http://h:8086 --db x`]);
  const none = commands(afterRestore(into, { ...refused, rejected: 0 }, {}));
  expect(none).toEqual([`ceres verify ${typed} --to http://h:8086 --db x --measurement m`]);
  const wiped = screen(['restore', ...source, ...server, '--wipe']).terminal;
  expect(commands(afterRestore(wiped, refused, {}))).toEqual([`ceres verify ${typed} --to http://h:8086`]);
});

it('after a status, the comparison; if something is missing, the check of every file; if a sink has not stored it, the status again', () => {
  const { terminal } = screen(['status', 'file:///b', '--keep', '90d']);
  const instances = [{ instance: 'i 1', findings: [] }] as unknown as BackupStatus['instances'];
  expect(commands(afterStatus(terminal, { isGood: true, instances, unused: [], skippedNames: 0 }))).toEqual([
    `ceres verify file:///b --keep 90d --instance 'i 1' --to http://HOST:8086`,
  ]);
  expect(commands(afterStatus(terminal, { isGood: false, instances, unused: [], skippedNames: 0 }))).toEqual([
    `ceres check file:///b --keep 90d --instance 'i 1'`,
  ]);
  const found = (...kinds: readonly string[]) =>
    [{ instance: 'i 1', findings: kinds.map((kind) => ({ kind })) }] as unknown as BackupStatus['instances'];
  const after = (...kinds: readonly string[]) =>
    commands(afterStatus(terminal, { isGood: false, instances: found(...kinds), unused: [], skippedNames: 0 }));
  expect(after('silent', 'late')).toEqual([`ceres status file:///b --keep 90d --instance 'i 1'`]);
  expect(after('silent', 'lost')).toEqual([`ceres check file:///b --keep 90d --instance 'i 1'`]);
  expect(
    afterStatus(terminal, { isGood: true, instances: [...instances, ...instances], unused: [], skippedNames: 0 }),
  ).toEqual([]);
});

it('after a seed, the comparison with its server; before it, what proves a seed and shows what it lacks', () => {
  const after = (report: { isProven: boolean; losses: string[] }, argv: string[], influx?: URL) => {
    const tcp = 'tcp://h:8088';
    const given = { source: argv[1] ?? tcp, ...(influx && { influx }) };
    const { terminal } = screen(['seed', ...source, '--source', tcp, '--precision', 's', '--again', ...argv]);
    return commands(afterSeed(terminal, report, given));
  };
  const whole = { isProven: true, losses: [] };
  const compared = (to: string) => `ceres verify ${typed} --to ${to} --level content --until -1h`;
  expect(after(whole, [])).toEqual([compared('http://HOST:8086')]);
  expect(after(whole, [], new URL('http://h:8086'))).toEqual([compared('http://h:8086')]);
  expect(after(whole, ['--source', 'http://h:1'])).toEqual([compared('http://h:1')]);
  expect(after({ isProven: false, losses: ['a series'] }, [])).toEqual([
    `ceres check ${typed}`,
    `ceres ls ${typed}`,
    compared('http://HOST:8086'),
  ]);
  const until = `ceres verify ${typed} --until 2026-01-01 --to http://h:8086 --level content`;
  expect(after(whole, ['--until', '2026-01-01'], new URL('http://h:8086'))).toEqual([until]);
});
