import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

/** All that a command touches of the process, so that tests can stand in for it. */
export interface Terminal {
  /** The words after `ceres`. */
  readonly argv: readonly string[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Results. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Progress, warnings, errors and questions. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export type Style = 'bold' | 'green' | 'red' | 'yellow';

/** Colours a word for a person; a pipe, a file and `NO_COLOR` (https://no-color.org) get it plain. */
export function paint(terminal: Terminal, stream: 'stdout' | 'stderr', style: Style, text: string): string {
  const plain = terminal[stream].isTTY !== true || Boolean(terminal.env.NO_COLOR);
  return plain ? text : styleText(style, text);
}

export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}

/** One event of the machine-readable output: a JSON object a line (NDJSON); 64-bit integers as text, exact. */
export function printJson(terminal: Terminal, value: object): void {
  print(
    terminal,
    JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? field.toString() : field)),
  );
}

export function complain(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}
