import { stripVTControlCharacters } from 'node:util';

const standardColumns = 80;

type Screens = Readonly<Record<'stdout' | 'stderr', { readonly isTTY?: boolean; readonly columns?: number }>>;

/** Returns how many characters fit on a line of a stream: 80 on a terminal that does not say it, and any number in a pipe or file. */
export function widthOf(terminal: Screens, stream: 'stdout' | 'stderr'): number {
  const { isTTY, columns } = terminal[stream];
  return isTTY === true ? columns || standardColumns : Number.POSITIVE_INFINITY;
}

/** Joins parts by commas into lines that fit, each behind an indent. A part stays on one line, even if it is too long. */
export function wrap(parts: readonly string[], width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [i, part] of parts.entries()) {
    const text = i < parts.length - 1 ? `${part},` : part;
    if (line !== '' && indent.length + line.length + 1 + text.length > width) {
      lines.push(indent + line);
      line = '';
    }
    line = line === '' ? text : `${line} ${text}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/**
 * Breaks a sentence between words, so that each line fits on the screen; the lines that follow are indented. A line that is indented
 * itself stays whole, however long: it is a command or a name to copy. Colors take no room.
 */
export function wrapWords(text: string, width: number): readonly string[] {
  if (lengthOf(text) <= width || text.startsWith(' ')) return [text];
  const lines: string[] = [];
  let line = '';
  let columns = 0;
  for (const word of text.split(' ')) {
    const own = lengthOf(word);
    if (line === '') {
      line = word;
      columns = own;
    } else if (columns + 1 + own <= width) {
      line += ` ${word}`;
      columns += 1 + own;
    } else if (own > 0) {
      lines.push(line);
      line = `  ${word}`;
      columns = 2 + own;
    }
  }
  return [...lines, line];
}

/** Returns how many columns a text takes, without its colors. */
function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A row of a table of numbers, or prose: commands have a deeper indent. */
const row = /^( *\d+ {2})(.*)$/;
const prose = /^( {0,2})([^ ].*)$/;

/** Returns help in which what follows the options fits a width. Commands stay on their lines, so that they can be copied. */
export function wrapHelp(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, width))
    .join('\n');
}

function wrapped(line: string, width: number): readonly string[] {
  if (line.length <= width || /^ *ceres /.test(line)) return [line];
  const [, first = '', words = ''] = row.exec(line) ?? prose.exec(line) ?? [];
  if (words === '') return [line];
  const indent = ' '.repeat(first.length);
  return wrapWords(words, width - first.length).map((part, i) => (i === 0 ? first + part : indent + part.trimStart()));
}
