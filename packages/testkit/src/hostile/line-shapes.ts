/** A kind of text that someone hostile, or broken, may send: as long as is asked for. */
export interface HostileShape {
  readonly name: string;
  readonly bytes: (sizeBytes: number) => Buffer;
}

const decoder = 'latin1'; // One byte for each character, so that sizes are exact.

/** A head and a tail with a unit between them that is repeated up to the size. */
function repeated(name: string, head: string, unit: string, tail = ''): HostileShape {
  const bytes = (sizeBytes: number) => {
    const count = Math.max(1, Math.floor((sizeBytes - head.length - tail.length) / unit.length));
    return Buffer.from(head + unit.repeat(count) + tail, decoder);
  };
  return { name, bytes };
}

/** A list of numbered parts, so that no two are the same. */
function numbered(name: string, head: string, part: (n: number) => string, tail: string): HostileShape {
  const bytes = (sizeBytes: number) => {
    const parts: string[] = [];
    for (let length = head.length + tail.length; length < sizeBytes; ) {
      const text = part(parts.length);
      parts.push(text);
      length += text.length;
    }
    return Buffer.from(head + parts.join('') + tail, decoder);
  };
  return { name, bytes };
}

/** Line protocol that is cheap to send, and that a careless parser spends far more than linear time on. */
export const hostileLines: readonly HostileShape[] = [
  repeated('digits that end in a letter', 'm v=', '1', 'x'),
  repeated('digits that end in i', 'm v=', '9', 'i 1'),
  repeated('zeros that end in i', 'm v=', '0', '1i 1'),
  repeated('digits', 'm v=', '1', ' 1'),
  repeated('digits after a point', 'm v=0.', '1', ' 1'),
  repeated('digits after a point that end in a letter', 'm v=1.', '1', 'x'),
  repeated('digits of an exponent', 'm v=1e', '1', ' 1'),
  repeated('digits of an exponent that end in a letter', 'm v=1e', '1', 'x'),
  repeated('points', 'm v=1', '.', ' 1'),
  repeated('minus signs', 'm v=', '-', '1 1'),
  repeated('a boolean without an end', 'm v=', 't', ' 1'),
  repeated('a timestamp without an end', 'm v=1 ', '1'),
  repeated('a timestamp with leading zeros', 'm v=1 ', '0', '1'),
  repeated('a timestamp before many spaces', 'm v=1 1', ' ', 'x'),
  repeated('blank lines', '', '\n'),
  repeated('lines of blanks', '', ' \t\n'),
  repeated('carriage returns', '', '\r\n'),
  repeated('empty comments', '', '#\n'),
  repeated('one comment', '#', 'a'),
  repeated('comments with quotes', '', '# m v="a\n'),
  repeated('short lines', '', 'm v=1\n'),
  repeated('short lines with a timestamp', '', 'm v=1 1\n'),
  repeated('short lines after a blank', '', ' m v=1\n'),
  repeated('short lines after a blank, then one quote', '', ' m v=1 1\n', 'm v="a" 1'),
  repeated('tags out of order', '', 'm,b=1,a=1 v=1\n'),
  repeated('tags out of order, with strings', '', 'm,b=1,a=1 v="a" 1\n'),
  repeated('lines that are no records', '', 'x\n'),
  repeated('quotes without a space before them', '', 'a"\n'),
  repeated('quotes in measurements', '', 'a"b v=1\n'),
  repeated('a quote at the very end', '', 'a\n', '"'),
  repeated('strings', '', 'm v="a" 1\n'),
  repeated('strings that hold lines', '', 'm v="a\nb" 1\n'),
  repeated('a string that is never closed', 'm v="', 'm v=1\n'),
  repeated('quotes only', 'm v=', '"', ' 1'),
  repeated('quotes between fields', 'm v=1', ',a"=1', ' 1'),
  repeated('one string', 'm v="', 'a', '" 1'),
  repeated('escaped quotes', 'm v="', '\\"', '" 1'),
  repeated('escaped backslashes', 'm v="', '\\\\', '" 1'),
  repeated('backslashes in a measurement', 'm', '\\', ' v=1 1'),
  repeated('backslashes in a field key', 'm ', '\\', '=1 1'),
  repeated('backslashes before line feeds', '', 'm\\\n'),
  repeated('escaped spaces', 'm', '\\ ', ' v=1 1'),
  repeated('escaped spaces before a quote', 'm', '\\ ', ' v="a" 1'),
  repeated('escaped commas', 'm', '\\,', ' v=1 1'),
  repeated('commas', 'm', ',', ' v=1 1'),
  repeated('spaces', 'm', ' ', 'v=1 1'),
  repeated('equals signs', 'm ', '=', ' 1'),
  repeated('equals signs in a measurement', 'm', '=', ' v=1 1'),
  repeated('a long measurement', 'm', 'a', ' v=1 1'),
  repeated('a long tag key', 'm,t', 'a', '=1 v=1 1'),
  repeated('a long tag value', 'm,t=', 'a', ' v=1 1'),
  repeated('a long field key', 'm ', 'a', '=1 1'),
  repeated('letters that are not ASCII', 'm v="', '\xc3\xa9', '" 1'),
  repeated('bytes that are not UTF-8', 'm v="', '\xff', '" 1'),
  repeated('names that are not ASCII', '', '\xc3\xa9,\xc3\xa9=\xc3\xa9 \xc3\xa9=1 1\n'),
  repeated('NUL bytes', '', '\0'),
  repeated('NUL bytes in a string', 'm v="', '\0', '" 1'),
  repeated('tabs before fields', 'm ', '\t', 'v=1 1'),
  repeated('one tag many times', 'm', ',a=1', ' v=1 1'),
  repeated('one field many times', 'm v=1', ',v=1', ' 1'),
  repeated('one field many times, with two types', 'm v=1', ',v=1,v=t', ' 1'),
  repeated('fields named time', 'm v=1', ',time=1', ' 1'),
  numbered('many tags', 'm', (n) => `,t${n}=1`, ' v=1 1'),
  numbered('many tags out of order', 'm', (n) => `,t${(n * 7919) % 99_991}=1`, ' v=1 1'),
  numbered('many fields', 'm v=1', (n) => `,f${n}=1`, ' 1'),
  numbered('many series', '', (n) => `m,t=${n} v=1 1\n`, ''),
  numbered('many measurements', '', (n) => `m${n} v=1 1\n`, ''),
];
