import type { RestoreProgress, ServerEvent, StepProgress } from '@ceres/restore';
import { formatBytes, formatCount, formatCountOf, formatDuration } from '../format';

/** Returns what a restore shows, the most important part first. */
export function restoreState(progress: RestoreProgress): readonly string[] {
  const { files, filesTotal, lines, bytes, bytesTotal, linesPerSecond, etaMs, isServerAway } = progress;
  return [
    percentOf(bytes, bytesTotal),
    isServerAway ? 'the server does not answer' : etaOf(etaMs),
    isServerAway ? '' : `${formatCount(Math.round(linesPerSecond))} lines/s`,
    formatCountOf(lines, 'line'),
    `${formatCount(files)} of ${formatCountOf(filesTotal, 'file')}`,
    `${formatBytes(bytes)} of ${formatBytes(bytesTotal)}`,
  ].filter(Boolean);
}

const steps: Readonly<Record<StepProgress['step'], string>> = {
  files: 'reading the backup',
  database: 'reading the server',
  sinks: 'waiting for running sinks',
};

/** Returns what a step of a comparison shows, the most important part first. */
export function stepState({ step, done, total, etaMs }: StepProgress): readonly string[] {
  if (step === 'sinks') return [steps[step], `${formatDuration(done)} of at most ${formatDuration(total)}`];
  const amount = step === 'files' ? formatBytes : formatCount;
  const unit = step === 'files' ? '' : ' points';
  return [steps[step], percentOf(done, total), etaOf(etaMs), `${amount(done)} of ${amount(total)}${unit}`].filter(
    Boolean,
  );
}

/** Returns what happened to a server, and what the command does about it. */
export function serverSentence(event: ServerEvent, host: string): string {
  if (event.state === 'back') return `The server ${host} answers again, after ${formatDuration(event.awayMs)}.`;
  const reason = event.reason.replace(/\.$/, '');
  return `The server ${host} does not answer: ${reason}. Trying again for up to ${formatDuration(event.patienceMs)}.`;
}

function percentOf(done: number, total: number): string {
  return `${String(total === 0 ? 100 : Math.floor((100 * done) / total)).padStart(3)} %`;
}

function etaOf(etaMs: number | undefined): string {
  return etaMs === undefined ? '' : `ETA ${formatDuration(etaMs)}`;
}
