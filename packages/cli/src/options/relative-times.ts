import { parseDurationMs } from '@ceres/internal';

/** The options that take a time. */
const timed: ReadonlySet<string> = new Set(['--from', '--until', '--opened-from', '--opened-before']);

/**
 * Returns a command line in which a time before now, such as `-2h`, is the time that it means. Everything that follows sees only that time: a
 * command that is printed, and the plan of a restore that is resumed later.
 */
export function withAbsoluteTimes(argv: readonly string[], nowMs: number): readonly string[] {
  return argv.map((word, i) => {
    const [option = '', value] = cut(word);
    if (value !== undefined) return timed.has(option) ? `${option}=${absolute(value, nowMs)}` : word;
    return timed.has(argv[i - 1] ?? '') ? absolute(word, nowMs) : word;
  });
}

function cut(word: string): readonly (string | undefined)[] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function absolute(text: string, nowMs: number): string {
  const ms = text.startsWith('-') ? parseDurationMs(text.slice(1)) : undefined;
  return ms === undefined ? text : new Date(Math.floor((nowMs - ms) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
