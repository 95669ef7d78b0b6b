import { isPlain, printError, type Terminal } from '../../terminal';
import { escapeControls } from '../escape';
import { widthOf } from '../wrap';

const redrawMs = 200;
/** A command that ends within this time needs no line in a log. */
const firstLineMs = 1_000;
const lineEveryMs = 10_000;

/** Shows the state of a long command on stderr. */
export interface StatusLine {
  /** Shows the current state: parts by importance, of which as many are shown as fit on the screen. */
  show(...parts: readonly string[]): void;
  /** Prints a line that stays. */
  say(line: string): void;
  /** Leaves the last state on the screen, or in the log if it has lines of this command. */
  end(): void;
}

/** Returns a line that is redrawn on a terminal; what takes plain text only (a pipe, a file, a dumb terminal, `NO_COLOR`) gets lines with the time instead, a few a minute. */
export function statusLine(terminal: Terminal, now: () => number = Date.now): StatusLine {
  return isPlain(terminal, 'stderr') ? new LogLines(terminal, now) : new DrawnLine(terminal, now);
}

class DrawnLine implements StatusLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #parts: readonly string[] = [];

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show(...parts: readonly string[]): void {
    this.#parts = parts;
    if (this.#now() - this.#drawnMs >= redrawMs) this.#draw();
  }

  say(line: string): void {
    this.#terminal.stderr.write('\r\u001b[K');
    printError(this.#terminal, line);
    if (this.#parts.length > 0) this.#draw();
  }

  end(): void {
    if (this.#parts.length === 0) return;
    this.#draw();
    this.#terminal.stderr.write('\n');
    this.#parts = [];
  }

  #draw(): void {
    this.#drawnMs = this.#now();
    // A character in the last column would make some terminals begin a new line.
    const text = fitting(this.#parts, widthOf(this.#terminal, 'stderr') - 1);
    this.#terminal.stderr.write(`\r\u001b[K${escapeControls(text)}`);
  }
}

class LogLines implements StatusLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #parts: readonly string[] = [];
  #dueMs: number;
  #hasLines = false;

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
    this.#dueMs = now() + firstLineMs;
  }

  show(...parts: readonly string[]): void {
    this.#parts = parts;
    if (this.#now() >= this.#dueMs) this.#print(parts.join('  '));
  }

  say(line: string): void {
    this.#print(line);
  }

  end(): void {
    if (this.#hasLines && this.#parts.length > 0) this.#print(this.#parts.join('  '));
    this.#parts = [];
  }

  #print(text: string): void {
    this.#hasLines = true;
    this.#dueMs = this.#now() + lineEveryMs;
    printError(this.#terminal, `${new Date(this.#now()).toISOString().slice(0, 19)}Z  ${text}`);
  }
}

/** Joins the first parts that fit into a width. */
function fitting([first = '', ...more]: readonly string[], width: number): string {
  let text = first;
  for (const part of more) {
    const longer = `${text}  ${part}`;
    if (longer.length > width) break;
    text = longer;
  }
  return text.slice(0, width);
}
