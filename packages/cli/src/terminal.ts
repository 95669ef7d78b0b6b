import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { inspect } from 'node:util';
import { escapeControls, escapeJson } from './output/escape';
import { widthOf, wrapWords } from './output/wrap';

/** Everything of the process that a command uses, so that a test or another program can provide its own. */
export interface Terminal {
  /** The words after `ceres`. */
  readonly argv: readonly string[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Takes the results. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Takes progress, warnings, errors and questions. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the command; `main.ts` aborts it at the first SIGINT or SIGTERM, with the name of the signal as the message of its reason. */
  readonly signal: AbortSignal;
  /** Lets every other process have the processors first, from now on: called by a command that works beside a live database. */
  readonly yieldToOthers?: () => void;
}

export type Style = 'bold' | 'green' | 'red' | 'yellow';

/** Stands for ESC in what `paint` returns. It is random, so that no name in a line can hold it. */
const escapeMark = randomUUID();

/** Returns whether a stream takes plain text only, without ESC: no terminal, a dumb one, or `NO_COLOR` (https://no-color.org). */
export function isPlain(terminal: Terminal, stream: 'stdout' | 'stderr'): boolean {
  const { NO_COLOR, TERM } = terminal.env;
  return terminal[stream].isTTY !== true || Boolean(NO_COLOR) || TERM === 'dumb';
}

/** Returns a text in color for a person, to be printed by `print` or `printError`; plain where a stream takes plain text only. */
export function paint(terminal: Terminal, stream: 'stdout' | 'stderr', style: Style, text: string): string {
  if (isPlain(terminal, stream)) return text;
  const [begin, end] = inspect.colors[style] ?? [0, 0];
  return `${escapeMark}[${begin}m${text}${escapeMark}[${end}m`;
}

/** Prints each text as one line of its own: whatever a terminal acts on is escaped, a line feed included. */
export function print(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stdout.write(shown(terminal, 'stdout', line));
}

/** Prints one line of the machine-readable output: a JSON object (NDJSON), with 64-bit integers as exact text. */
export function printJson(terminal: Terminal, value: object): void {
  const json = JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? field.toString() : field));
  terminal.stdout.write(`${escapeJson(json)}\n`);
}

/** Prints each text as a line on stderr, escaped as by `print`: a warning, an error, or what belongs to a question. */
export function printError(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stderr.write(shown(terminal, 'stderr', line));
}

function shown(terminal: Terminal, stream: 'stdout' | 'stderr', line: string): string {
  const text = escapeControls(line).replaceAll(escapeMark, '\u001b');
  return wrapWords(text, widthOf(terminal, stream))
    .map((one) => `${one}\n`)
    .join('');
}
