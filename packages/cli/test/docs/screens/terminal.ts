import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** What a screen is made with. */
export interface Typing {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What is typed when the screen asks for it. */
  readonly answer: string;
}

/** Runs commands in a terminal of 80 columns, answers what it asks for, and returns the screen. */
export async function typeInto(commands: string, { cwd, env, answer }: Typing): Promise<string> {
  const child = spawn('script', ['-qec', `stty cols 80; bash -c "$COMMANDS"`, '/dev/null'], {
    cwd,
    env: { ...process.env, ...env, COMMANDS: commands, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let answered = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const asked = screen.match(/Type \S+ to continue: /g)?.length ?? 0;
    if (asked <= answered) return;
    answered = asked;
    child.stdin.write(`${answer}\n`);
  });
  await once(child, 'close');
  return screen;
}

/** Returns the lines of a screen as a person sees them: without colors, and only the last state of a line that is drawn again. */
export function linesOf(screen: string): readonly string[] {
  const lines = stripVTControlCharacters(screen).replaceAll('\r\n', '\n').split('\n');
  return lines.map((line) => line.slice(line.lastIndexOf('\r') + 1).trimEnd());
}

/**
 * Returns the lines of a screen as two screens are compared. What may vary: numbers, sizes and durations; times; ids and hashes; the width of a
 * column; and where a long line goes on in the next one. What is not compared: colors, and the lines that show progress.
 */
export function comparable(lines: readonly string[]): readonly string[] {
  const shown = lines.filter((line) => line !== '' && !/^(?:reading [a-z ]+)?\s*[\d.]+ %/.test(line));
  return shown
    .join('\n')
    .replaceAll('\n  ', ' ')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/restore-[0-9a-f]+/g, 'restore-ID')
    .replace(/\d{8}T\d{4}Z/g, 'TIME')
    .replace(/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?Z?/g, 'TIME')
    .replace(/TIME to (?:\d\d-\d\d )?\d\d:\d\d/g, 'TIME to TIME')
    .replace(/\b\d{8}\b/g, 'DAY')
    .replace(/[+-]\d\d:\d\d\b/g, 'ZONE')
    .replace(/[\d,.]+ (?:[KMGT]i)?B\b/g, 'SIZE')
    .replace(/\b\d+(?::\d\d)+\b/g, 'DURATION')
    .replace(/\b\d[\d,]*(?:\.\d+)?\b/g, 'N')
    .replace(/just now|N (?:min|h|d) ago/g, 'AGO')
    .replace(/ {2,}/g, ' ')
    .split('\n');
}
