import { readFileSync } from 'node:fs';

/** The file that docs/file-format.md shows, byte for byte. */
export function workedFile(): string {
  const page = readFileSync(new URL('../../../../docs/file-format.md', import.meta.url), 'utf8');
  const [, text] = /^```text\n(# DML\n.*?)^```$/ms.exec(page) ?? [];
  if (text === undefined) throw new Error('docs/file-format.md shows no file');
  return text;
}
