/** Returns the lines that write a policy into a file. */
export function fileOf(name: string, document: object): string {
  return `cat > ${name} <<'END'\n${JSON.stringify(document, null, 2)}\nEND\n`;
}

/** Returns lines as a comment of a shell. */
export function comment(...lines: readonly string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}
