/** Returns a command line of `ceres` with these words, quoted for a shell. */
export function commandLine(argv: readonly string[]): string {
  return ['ceres', ...argv].map(shellWord).join(' ');
}

/** Returns a word as it is typed in a shell. Characters that a terminal does not show are written as escapes of bash. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\\' || character === "'") return `\\${character}`;
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
  });
  return `$'${escaped}'`;
}
