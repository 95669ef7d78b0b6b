import type { CompileOptions, RestoreOptions } from '@ceres/restore';
import { printJson, type Terminal } from '../../terminal';
import { restoreState, serverSentence, stepState } from './states';
import { statusLine } from './status-line';

/** Shows how far a restore has come. */
export interface RestoreView {
  /** What a restore calls. */
  readonly callbacks: Required<Pick<RestoreOptions, 'onProgress' | 'onCheck' | 'onServer'>>;
  /** Leaves the last state on the screen. */
  end(): void;
}

/** Returns a view that prints events as NDJSON with `json`, and otherwise shows the state on stderr. */
export function restoreView(terminal: Terminal, { json, to }: { readonly json?: true; readonly to: URL }): RestoreView {
  if (json) {
    const callbacks: RestoreView['callbacks'] = {
      onProgress: (progress) => printJson(terminal, { event: 'progress', ...progress }),
      onCheck: (progress) => printJson(terminal, { event: 'check', ...progress }),
      onServer: (event) => printJson(terminal, { event: 'server', ...event }),
    };
    return { callbacks, end: () => undefined };
  }
  const line = statusLine(terminal);
  const callbacks: RestoreView['callbacks'] = {
    onProgress: (progress) => line.show(...restoreState(progress)),
    onCheck: (progress) => line.show(...stepState(progress)),
    onServer: (event) => line.say(serverSentence(event, to.host)),
  };
  return { callbacks, end: () => line.end() };
}

/** Returns the same for compiling, which asks no server. */
export function progressView(
  terminal: Terminal,
  { json }: { readonly json?: true },
): Required<Pick<CompileOptions, 'onProgress'>> & { end(): void } {
  if (json)
    return { onProgress: (progress) => printJson(terminal, { event: 'progress', ...progress }), end: () => undefined };
  const line = statusLine(terminal);
  return { onProgress: (progress) => line.show(...restoreState(progress)), end: () => line.end() };
}
