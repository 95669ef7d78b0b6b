import type { DrillOptions, DrillProgress, Phase } from '@ceres/drill';
import { printJson, type Terminal } from '../../terminal';
import { restoreState, stepState } from './states';
import { statusLine } from './status-line';

const phases: Readonly<Record<Phase, string>> = {
  ledgers: 'reading ledgers and names',
  server: 'starting the throwaway server',
  plan: 'choosing files',
  restore: 'restoring',
  verify: 'comparing every value',
  remove: 'removing what was made',
};

/** Returns a view that prints events as NDJSON with `json`, and otherwise shows the state on stderr. */
export function drillView(
  terminal: Terminal,
  { json }: { readonly json?: true },
): Required<Pick<DrillOptions, 'onProgress'>> & { end(): void } {
  if (json) {
    return {
      onProgress: (progress) => printJson(terminal, { event: 'progress', ...progress }),
      end: () => undefined,
    };
  }
  const line = statusLine(terminal);
  return { onProgress: (progress) => line.show(...drillState(progress)), end: () => line.end() };
}

/** Returns what a drill shows, the most important part first. */
function drillState({ phase, restore, verify }: DrillProgress): readonly string[] {
  const more = restore !== undefined ? restoreState(restore) : verify !== undefined ? stepState(verify) : [];
  return [phases[phase], ...more];
}
