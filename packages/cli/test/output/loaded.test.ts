import type { CompileReport, RestorePreview, RestoreReport } from '@ceres/restore';
import { describe, expect, it } from 'vitest';
import { printReport } from '../../src/output/results/look/report';
import { printCompileReport } from '../../src/output/results/recover/compile';
import { printPreview, warnBefore } from '../../src/output/results/recover/preview';
import { screen } from './screen';

const done: RestoreReport = {
  files: 1,
  lines: 9,
  expired: 0,
  rejected: 0,
  typeConflicts: [],
  unsealedFiles: [],
  damagedFiles: [],
  closedFiles: [],
  leftOut: [],
  elapsedMs: 1,
};
const compiled: CompileReport = { ...done, shards: 1, values: 9, metadataBytes: 100_000, metadata: '1' };
const preview: RestorePreview = {
  creates: [],
  wipes: [],
  drops: [],
  expires: [],
  otherDefaults: [],
  ignoredPolicies: [],
  leftOut: [],
  scratchBytes: 3_000_000,
};
const folders = { out: 'compiled', rejectsDir: 'rejects', isResume: false };

/** Returns what is printed, in one line. */
function printed(print: (terminal: ReturnType<typeof screen>['terminal']) => void): string {
  const { terminal, lines } = screen();
  print(terminal);
  return lines().join(' ').replaceAll(/ +/g, ' ');
}

describe('what InfluxDB takes in shards', () => {
  it('and not in lines is said after it was compiled or loaded, with its number', () => {
    const warning =
      'Shards hold 2 lines with a string over 1,048,576 bytes: InfluxDB from 1.9 on serves it, but refuses';
    expect(printed((terminal) => printCompileReport(terminal, { ...compiled, longStrings: 2 }, folders))).toContain(
      warning,
    );
    expect(printed((terminal) => printReport(terminal, { ...done, longStrings: 2 }, folders))).toContain(warning);
    expect(printed((terminal) => printReport(terminal, done, folders))).not.toContain('1,048,576');
  });

  it('may not take more metadata than about 100 KB, which is said from there on', () => {
    const warning = /influxd may not take more than about 100 KB \(3,000 shards\) at once.*--db.*--policies/;
    expect(
      printed((terminal) => printCompileReport(terminal, { ...compiled, metadataBytes: 100_001 }, folders)),
    ).toMatch(warning);
    expect(printed((terminal) => printCompileReport(terminal, compiled, folders))).not.toMatch(warning);
  });

  it('needs scratch space, which is said before it starts, in a dry run and in another one', () => {
    expect(printed((terminal) => printPreview(terminal, preview))).toContain(
      'would need about 2.9 MiB of scratch space (--scratch-dir)',
    );
    expect(printed((terminal) => warnBefore(terminal, preview))).toContain(
      'needs about 2.9 MiB of scratch space (--scratch-dir)',
    );
    const { scratchBytes: _, ...byLines } = preview;
    expect(printed((terminal) => warnBefore(terminal, byLines))).not.toContain('scratch');
  });
});
