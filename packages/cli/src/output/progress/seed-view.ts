import type { SeedOptions, SeedProgress } from '@ceres/seed';
import { printJson, type Terminal } from '../../terminal';
import { formatBytes, formatCount, formatCountOf, formatDuration } from '../format';
import { statusLine } from './status-line';

const steps: Readonly<Record<SeedProgress['step'], string>> = {
  read: 'reading the source',
  prove: 'reading the files back',
};

/** Points come thousands of times a second: an event for each would be most of what is printed. */
const eventEveryMs = 1_000;

/** Returns a view that prints events as NDJSON with `json`, and otherwise shows the state on stderr. */
export function seedView(
  terminal: Terminal,
  { json }: { readonly json?: true },
  now: () => number = Date.now,
): Required<Pick<SeedOptions, 'onProgress'>> & { end(): void } {
  if (json) {
    let dueMs = 0;
    const onProgress = (progress: SeedProgress) => {
      if (now() < dueMs) return;
      dueMs = now() + eventEveryMs;
      printJson(terminal, { event: 'progress', ...progress });
    };
    return { onProgress, end: () => undefined };
  }
  const line = statusLine(terminal);
  return { onProgress: (progress) => line.show(...seedState(progress)), end: () => line.end() };
}

/** Returns what a seed shows, the most important part first. */
function seedState(progress: SeedProgress): readonly string[] {
  const { step, shards, shardsTotal, points, bytes, bytesTotal, etaMs } = progress;
  return [
    steps[step],
    etaMs === undefined ? '' : `ETA ${formatDuration(etaMs)}`,
    `${formatCount(shards)} of ${formatCountOf(shardsTotal, 'shard')}`,
    formatCountOf(points, 'point'),
    bytesTotal === 0 ? '' : `${formatBytes(bytes)} of ${formatBytes(bytesTotal)}`,
  ].filter(Boolean);
}
