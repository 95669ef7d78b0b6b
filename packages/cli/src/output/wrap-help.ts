import { wrapWords } from './wrap';

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
