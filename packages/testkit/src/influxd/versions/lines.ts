/** A field of a line, as far as the version proxy has to know it. */
interface LineField {
  readonly name: string;
  readonly type: 'float' | 'integer' | 'string' | 'boolean';
  readonly sizeBytes: number;
}

/** A line of a write, read only as far as the version proxy has to know it. */
export interface Line {
  readonly text: string;
  readonly seriesKey: string;
  readonly measurement: string;
  readonly fields: readonly LineField[];
}

/** Splits a body into lines. Line feeds inside a string do not end one. A line that is not line protocol has no fields. */
export function readLines(body: Buffer): Line[] {
  return splitOutsideStrings(body.toString('latin1'), '\n')
    .filter((text) => text.trim() !== '' && !text.startsWith('#'))
    .map(readLine);
}

/** Returns lines as the body of a write. */
export function writeLines(lines: readonly Line[]): Buffer {
  return Buffer.from(lines.map(({ text }) => `${text}\n`).join(''), 'latin1');
}

function readLine(text: string): Line {
  const [seriesKey = '', ...rest] = splitAt(text, ' ', false, 1);
  const [fields = ''] = splitAt(rest[0] ?? '', ' ', true, 1);
  return {
    text,
    seriesKey,
    measurement: nameOf(splitAt(seriesKey, ',', false, 1)[0] ?? ''),
    fields: splitAt(fields, ',', true).flatMap((field) => {
      const [name = '', value] = splitAt(field, '=', true, 1);
      return value === undefined ? [] : [{ name: nameOf(name), ...typeOf(value) }];
    }),
  };
}

function typeOf(value: string): Pick<LineField, 'type' | 'sizeBytes'> {
  if (value.startsWith('"'))
    return { type: 'string', sizeBytes: value.slice(1, -1).replace(/\\(["\\])/g, '$1').length };
  const type = /^-?\d+i$/.test(value) ? 'integer' : /^[tf]/i.test(value) ? 'boolean' : 'float';
  return { type, sizeBytes: value.length };
}

/** Splits a body where a quote opens a string only after the series key, as InfluxDB does. */
function splitOutsideStrings(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isInFields = false;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '\\') i += 1;
    else if (character === '"' && isInFields) isInString = !isInString;
    else if (character === ' ' && !isInString) isInFields = true;
    else if (character === separator && !isInString) {
      parts.push(text.slice(start, i));
      start = i + 1;
      isInFields = false;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Splits at a separator that is neither escaped nor, with `hasStrings`, inside a string. */
function splitAt(text: string, separator: string, hasStrings: boolean, splitsMax = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let start = 0;
  let isInString = false;
  for (let i = 0; i < text.length && parts.length < splitsMax; i += 1) {
    const character = text[i];
    if (character === '\\') i += 1;
    else if (character === '"' && hasStrings) isInString = !isInString;
    else if (character === separator && !isInString) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function nameOf(name: string): string {
  return Buffer.from(name.replace(/\\([,= ])/g, '$1'), 'latin1').toString();
}
