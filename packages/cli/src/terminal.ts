import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

/** Everything of the process that a command uses, so that a test or another program can provide its own. */
export interface Terminal {
  /** The words after `ceres`. */
  readonly argv: readonly string[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Takes the results. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Takes progress, warnings, errors and questions. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the command; `main.ts` aborts it at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

export type Style = 'bold' | 'green' | 'red' | 'yellow';

/** Returns a text in color for a person; plain for a pipe, a file and `NO_COLOR` (https://no-color.org). */
export function paint(terminal: Terminal, stream: 'stdout' | 'stderr', style: Style, text: string): string {
  const isPlain = terminal[stream].isTTY !== true || Boolean(terminal.env.NO_COLOR);
  return isPlain ? text : styleText(style, text);
}

export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}

/** Prints one line of the machine-readable output: a JSON object (NDJSON), with 64-bit integers as exact text. */
export function printJson(terminal: Terminal, value: object): void {
  print(
    terminal,
    JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? field.toString() : field)),
  );
}

/** Prints a line on stderr: a warning, an error, or what belongs to a question. */
export function printError(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}
