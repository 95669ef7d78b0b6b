import { PassThrough } from 'node:stream';
import type { Terminal } from '../../src/terminal';

/** Returns a terminal of 80 columns, and what was printed on it. */
export function screen(
  argv: readonly string[] = [],
  columns = 80,
  env: Terminal['env'] = { NO_COLOR: '1' },
): { terminal: Terminal; lines: () => string[] } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns });
  const terminal = { argv, stdin: new PassThrough(), stdout: stream, stderr: stream, env };
  return {
    terminal: { ...terminal, signal: new AbortController().signal },
    lines: () =>
      String(stream.read() ?? '')
        .split('\n')
        .slice(0, -1),
  };
}
