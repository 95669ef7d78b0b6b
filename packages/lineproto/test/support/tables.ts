import { readFileSync } from 'node:fs';
import { encodePoint, type Point } from '../../src/index';

/** Says how one text is written in one place of a line, or with which code it is refused. */
export interface EscapingRow {
  readonly where: 'measurement' | 'tag key' | 'tag value' | 'field key' | 'string value';
  readonly text: string;
  readonly written?: string;
  readonly refused?: string;
}

/**
 * Says what InfluxDB stores of one record, written with precision ns. Integers are text with an `i`, as in line protocol.
 */
export interface RecordRow {
  readonly record: string;
  readonly stored?: {
    readonly measurement: string;
    readonly tags: Record<string, string>;
    readonly fields: Record<string, number | boolean | string>;
  };
  readonly refused?: string;
  /** Says why we differ from the server, if we do so on purpose. */
  readonly difference?: string;
}

export const escapingRows = read<EscapingRow>('escaping');
export const recordRows = read<RecordRow>('records');

function read<Row>(name: string): readonly Row[] {
  return JSON.parse(readFileSync(new URL(`../tables/${name}.json`, import.meta.url), 'utf8')) as Row[];
}

/** Returns a point with the text in its place. */
export function pointWith({ where, text }: EscapingRow): Point {
  const plain = { measurement: 'm', fields: { v: 1 }, timestamp: 1 };
  switch (where) {
    case 'measurement':
      return { ...plain, measurement: text };
    case 'tag key':
      return { ...plain, tags: { [text]: 'x' } };
    case 'tag value':
      return { ...plain, tags: { t: text } };
    case 'field key':
      return { ...plain, fields: { [text]: 1 } };
    case 'string value':
      return { ...plain, fields: { v: text } };
  }
}

/** Returns the line that a row expects. */
export function lineOf({ where, written = '' }: EscapingRow): string {
  const lines = {
    measurement: `${written} v=1 1`,
    'tag key': `m,${written}=x v=1 1`,
    'tag value': `m,t=${written} v=1 1`,
    'field key': `m ${written}=1 1`,
    'string value': `m v="${written}" 1`,
  };
  return lines[where];
}

export const encode = (row: EscapingRow): string => encodePoint(pointWith(row), { precision: 'ns' });
