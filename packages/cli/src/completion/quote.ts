/** Returns a text in single quotes, as bash and zsh read it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
