import { describe, expect, it } from 'vitest';
import { readExport } from './export-content';

const text = `# INFLUXDB EXPORT: 1677-09-21T00:12:43Z - 2262-04-11T23:47:16Z
# DDL
CREATE DATABASE "a b" WITH NAME autogen
# DML
# CONTEXT-DATABASE:a b
# CONTEXT-RETENTION-POLICY:autogen
# writing tsm data
odd\\ name,t\\,k=v\\= f\\ x=-0 -1
odd\\ name,t\\,k=v\\= n=1 2
odd\\ name,t\\,k=v\\= i=1i 3
# CONTEXT-RETENTION-POLICY:other
# writing wal data
m b=true 4
m s="a \\"q\\" \\\\
# no comment" 5
m u=18446744073709551615u 6
`;

const key = (...names: string[]) => JSON.stringify(names);
const series = 'odd\\ name,t\\,k=v\\=';

describe('an export of InfluxDB', () => {
  it('is its values by policy, series, field, type and time, with -0 and line feeds as they are', () => {
    expect([...readExport(text)]).toEqual([
      [key('a b', 'autogen', series, 'f x', 'float', '-1'), '-0'],
      [key('a b', 'autogen', series, 'n', 'float', '2'), '1'],
      [key('a b', 'autogen', series, 'i', 'integer', '3'), '1'],
      [key('a b', 'other', 'm', 'b', 'boolean', '4'), 'true'],
      [key('a b', 'other', 'm', 's', 'string', '5'), 'a "q" \\\n# no comment'],
      [key('a b', 'other', 'm', 'u', 'unsigned', '6'), '18446744073709551615'],
    ]);
  });

  it.each(['m b=true', 'm b=true,c=false 1', 'm =', 'm b="x 1', 'm b=x 1'])(
    'is refused if a line is not one value: %s',
    (line) => {
      expect(() => readExport(`${line}\n`)).toThrow('Expected');
    },
  );

  it('is refused if it says a value twice', () => {
    expect(() => readExport('m b=true 1\nm b=false 1\n')).toThrow('twice');
  });
});
