import { readFileSync } from 'node:fs';
import { encodePoint, type Point } from '../../src/index';

/** How one text is written in one place of a line, or why not. */
export interface EscapingRow {
  readonly where: 'measurement' | 'tag key' | 'tag value' | 'field key' | 'string value';
  readonly text: string;
  readonly written?: string;
  readonly refused?: string;
}

/**
 * What InfluxDB stores of one record, written with precision ns. Integers stand as text with an `i`, as in line
 * protocol.
 */
export interface RecordRow {
  readonly record: string;
  readonly stored?: {
    readonly measurement: string;
    readonly tags: Record<string, string>;
    readonly fields: Record<string, number | boolean | string>;
  };
  readonly refused?: string;
  /** Where we differ from the server on purpose: why. */
  readonly difference?: string;
}

export const escapingRows = read<EscapingRow>('escaping');
export const recordRows = read<RecordRow>('records');

function read<Row>(name: string): readonly Row[] {
  return JSON.parse(readFileSync(new URL(`../tables/${name}.json`, import.meta.url), 'utf8')) as Row[];
}

/** A point with the text in its place. */
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

/** The line that a row says. */
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
