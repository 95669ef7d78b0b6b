import type { SeedPreview, SeedReport } from '@ceres/seed';
import { paint, print, type Terminal } from '../../terminal';
import { formatBytes, formatCountOf, formatDuration, formatPointTime } from '../format';

/** More would hide what else was printed; the manifest has all. */
const lossesShown = 50;

/** Prints what a seed would read and make. */
export function printSeedPreview(terminal: Terminal, preview: SeedPreview, workDir: string): void {
  const { shards, series, points, lineBytes, fileBytes, scratchBytes, durationMs, takenMs, losses } = preview;
  const what = `${formatCountOf(points, 'point')} of ${formatCountOf(series, 'series', 'series')} in ${formatCountOf(shards, 'shard')}`;
  print(terminal, `Every block was read and checked: ${what}.`);
  print(
    terminal,
    `A seed would make about ${formatBytes(fileBytes)} of files, from ${formatBytes(lineBytes)} of lines, in about ${formatDuration(durationMs)}, and need the time for the storage.`,
  );
  print(terminal, `It needs up to ${formatBytes(scratchBytes)} in the work folder ${workDir}.`);
  print(terminal, `It would hold every write that reached the source before ${timeText(takenMs)}.`);
  printLosses(terminal, losses);
  printUnchecked(terminal, preview.unchecked);
}

/** Prints what was copied, whether it is proven, and from when on the backup is complete. */
export function printSeedReport(terminal: Terminal, report: SeedReport, workDir: string): void {
  const { points, files, bytes, shards, partitions, isProven, wasFinished, elapsedMs, losses } = report;
  const what = `${formatCountOf(points, 'point')} of ${formatCountOf(shards, 'shard')}: ${formatCountOf(files, 'file')}, ${formatBytes(bytes)}`;
  if (wasFinished) print(terminal, `This seed is finished: ${what}. To seed from the start, remove ${workDir}.`);
  else print(terminal, `Seeded ${what}, in ${formatDuration(elapsedMs)}.`);
  print(terminal, `Times are in ${report.precision}; in ns where a shard has finer ones.`);
  for (const { database, retentionPolicy, lines, firstNs, lastNs } of partitions) {
    const times = lines === 0 ? '' : `, ${formatPointTime(firstNs)} to ${formatPointTime(lastNs)}`;
    print(terminal, `  ${database}.${retentionPolicy}: ${formatCountOf(lines, 'line')}${times}`);
  }
  if (isProven) print(terminal, 'Proven: the storage returned exactly what was read from the source.');
  else {
    print(
      terminal,
      paint(
        terminal,
        'stdout',
        'yellow',
        'Not proven: this credential cannot read the files back. Check it with one that can.',
      ),
    );
  }
  printComplete(terminal, report);
  printLosses(terminal, losses);
  printUnchecked(terminal, report.unchecked);
}

/** Says from when on the backup is complete, which takes a sink that was open when the seed was taken. */
function printComplete(terminal: Terminal, { takenMs, wasSinkOpen }: SeedReport): void {
  const taken = timeText(takenMs);
  if (wasSinkOpen) {
    print(terminal, `The backup is complete up to ${taken}, and from then on for what is written through a tee.`);
    return;
  }
  const why =
    wasSinkOpen === false
      ? `No sink was open then: what was written after it and before a tee was opened is not in the backup. Open the tee, then seed again with --again.`
      : 'It cannot be read whether a sink was open then: what was written after it is in the backup only if one was.';
  const text = `The backup is complete up to ${taken}. ${why}`;
  print(terminal, paint(terminal, 'stdout', 'yellow', text));
}

function printUnchecked(terminal: Terminal, unchecked: readonly string[]): void {
  for (const one of unchecked) print(terminal, `Not checked: ${one}`);
}

function printLosses(terminal: Terminal, losses: readonly string[]): void {
  const warn = (text: string) => print(terminal, paint(terminal, 'stdout', 'yellow', text));
  for (const loss of losses.slice(0, lossesShown)) warn(`Not in the seed: ${loss}`);
  const more = losses.length - lossesShown;
  if (more > 0) warn(`Not in the seed: ${more} more. The manifest and --json have all.`);
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
