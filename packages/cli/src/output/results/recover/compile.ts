import { shellWord } from '@ceres/internal';
import type { CompilePreview, CompileReport } from '@ceres/restore';
import { paint, print, type Terminal } from '../../../terminal';
import { formatBytes, formatCountOf, formatDuration } from '../../format';
import { formatFinding } from '../look/finding';
import { warnOfLongStrings } from '../look/report';
import { formatLeftOut } from './left-out';

/** A server reads metadata in one piece, and may get no more than this. */
const METADATA_BYTES_MAX = 100_000;

/** Prints what a compiled backup would have, and the space that making it needs. */
export function printCompilePreview(
  terminal: Terminal,
  { creates, leftOut, scratchBytes, outBytes }: CompilePreview,
): void {
  for (const statement of creates) print(terminal, `as if by: ${statement}`);
  for (const one of leftOut) {
    print(terminal, paint(terminal, 'stdout', 'yellow', `leaves out: ${formatLeftOut(one)}`));
  }
  print(
    terminal,
    `needs about ${formatBytes(scratchBytes)} of scratch space, and ${formatBytes(outBytes)} for the result`,
  );
}

/** Prints what was compiled, what was not, and how to load it. */
export function printCompileReport(
  terminal: Terminal,
  report: CompileReport,
  { out, rejectsDir }: { readonly out: string; readonly rejectsDir: string },
): void {
  const { lines, files, shards, expired, rejected, elapsedMs } = report;
  const warn = (text: string) => print(terminal, paint(terminal, 'stdout', 'yellow', text));
  const from = `${formatCountOf(lines, 'line')} of ${formatCountOf(files, 'file')}`;
  print(terminal, `Compiled ${from} into ${formatCountOf(shards, 'shard')} in ${formatDuration(elapsedMs)}.`);
  if (expired > 0) print(terminal, `Left out ${formatCountOf(expired, 'line')}: older than the policy keeps.`);
  if (rejected > 0) {
    warn(
      `InfluxDB would refuse ${formatCountOf(rejected, 'line')}. Look into ${rejectsDir}: each is there with its reason.`,
    );
  }
  warnOfLongStrings(warn, report);
  if (report.metadataBytes > METADATA_BYTES_MAX) warn(tooMuchMetadata(report.metadataBytes));
  for (const field of report.typeConflicts) warn(`Two types for one field, of which the first was kept: ${field}`);
  for (const key of report.unsealedFiles) warn(`Compiled, although no footer certifies it: ${key}`);
  for (const finding of report.closedFiles) print(terminal, `Passed over, since ${formatFinding(finding)}`);
  for (const finding of report.damagedFiles) warn(`Set aside as a whole: ${formatFinding(finding)}`);
  for (const one of report.leftOut) warn(`Left out: ${formatLeftOut(one)}`);
  print(terminal, `Metadata ${report.metadata}: parts with the same number may be copied into one folder.`);
  print(terminal, `To load it, run: influxd restore -portable ${shellWord(out)}`);
}

function tooMuchMetadata(sizeBytes: number): string {
  const what = `The metadata has ${formatBytes(sizeBytes)}, and influxd may not take more than about 100 KB (3,000 shards) at once.`;
  return `${what} If it refuses them, compile fewer databases into one folder (--db), or give their policies longer shards (--policies).`;
}
