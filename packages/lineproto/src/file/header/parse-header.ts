import { isPrecision, type Precision } from '@ceres/internal';
import { LineProtocolError } from '../../errors';
import { parseInt64 } from '../../record/int64';
import { type FileHeader, type FileSummary, FORMAT_VERSION, type PolicySchema, type SeedOrigin } from './file-header';
import { percentDecode } from './names';
import { parsePolicies } from './policy-switch';
import { parseSeed } from './seed-origin';

/** A name and a value in a comment line. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

/**
 * Returns what a `# CERES-…` or `# CONTEXT-…` line says, or `undefined` for any other comment. The importer does not need a space
 * after the colon, and trims the value; `CERES-` values are verbatim.
 */
export function parseHeaderLine(line: string): HeaderLine | undefined {
  const context = /^# (CONTEXT-(?:DATABASE|RETENTION-POLICY)):(.*)$/.exec(line);
  if (context) return { name: context[1] ?? '', value: (context[2] ?? '').trim() };
  const ours = /^# (CERES-[A-Z-]+): (.*)$/.exec(line);
  return ours ? { name: ours[1] ?? '', value: ours[2] ?? '' } : undefined;
}

/**
 * Returns the header in the comment lines at the start of a file. Other comments are skipped, as the importer does.
 *
 * @throws LineProtocolError `NOT_A_BACKUP_FILE` if the lines do not say which database they belong to, or cannot be
 * understood
 */
export function parseHeader(lines: readonly string[]): FileHeader {
  if (!lines.includes('# DML')) throw notABackupFile("its comment lines have no '# DML'");
  const values = new Map<string, string>();
  const notImportable: string[] = [];
  for (const line of lines) {
    const parsed = parseHeaderLine(line);
    if (parsed === undefined) continue;
    if (parsed.name === 'CERES-NOT-IMPORTABLE') notImportable.push(parsed.value);
    else values.set(parsed.name, parsed.value);
  }
  const database = named(values, 'DATABASE');
  if (database === undefined || database === '') throw notABackupFile('its header names no database');
  return {
    database,
    retentionPolicy: named(values, 'RETENTION-POLICY') ?? '',
    ...optional('formatVersion', values.get('CERES-FORMAT'), parseVersion),
    ...optional('instance', values.get('CERES-INSTANCE'), String),
    ...optional('precision', values.get('CERES-PRECISION'), parsePrecision),
    ...optional('writer', values.get('CERES-WRITER'), String),
    ...optional('sequence', values.get('CERES-SEQUENCE'), (text) => integer('CERES-SEQUENCE', text)),
    ...optional('seed', values.get('CERES-SEED'), readSeed),
    ...optional('summary', values.get('CERES-SUMMARY'), parseSummary),
    ...optional('mixed', values.get('CERES-MIXED'), (text) =>
      parsePolicies(text, (name) => decoded('CERES-MIXED', name)),
    ),
    ...optional('policy', values.get('CERES-POLICY'), parsePolicy),
    ...(notImportable.length > 0 ? { notImportable } : {}),
  };
}

export function notABackupFile(why: string, cause?: unknown): LineProtocolError {
  return new LineProtocolError('NOT_A_BACKUP_FILE', `this is not a backup file: ${why}`, { cause });
}

function named(values: ReadonlyMap<string, string>, what: 'DATABASE' | 'RETENTION-POLICY'): string | undefined {
  const encoded = values.get(`CERES-${what}`);
  return encoded === undefined ? values.get(`CONTEXT-${what}`) : decoded(`CERES-${what}`, encoded);
}

function decoded(what: string, encoded: string): string {
  try {
    return percentDecode(encoded);
  } catch (error) {
    throw notABackupFile(`${what} is not percent-encoded text: ${encoded}`, error);
  }
}

function optional<K extends string, V>(
  key: K,
  text: string | undefined,
  parse: (text: string) => V,
): { [key in K]?: V } {
  return text === undefined ? {} : ({ [key]: parse(text) } as { [key in K]: V });
}

function parseVersion(text: string): typeof FORMAT_VERSION {
  if (text === String(FORMAT_VERSION)) return FORMAT_VERSION;
  throw notABackupFile(`its format is ${JSON.stringify(text)}, and this version reads format 1; use a newer version`);
}

function parsePrecision(text: string): Precision {
  if (isPrecision(text)) return text;
  throw notABackupFile(`its precision ${JSON.stringify(text)} is unknown`);
}

function readSeed(text: string): SeedOrigin {
  const seed = parseSeed(parsePairs(text));
  if (seed === undefined)
    throw notABackupFile(`CERES-SEED does not say what was copied, and when: ${text.slice(0, 80)}`);
  return seed;
}

function parseSummary(text: string): FileSummary {
  const pairs = parsePairs(text);
  return {
    lines: Number(integer('lines', pairs.get('lines'))),
    bytes: Number(integer('bytes', pairs.get('bytes'))),
    firstTimestamp: integer('first', pairs.get('first')),
    lastTimestamp: integer('last', pairs.get('last')),
  };
}

function parsePolicy(text: string): PolicySchema {
  const pairs = parsePairs(text);
  const duration = pairs.get('duration');
  if (duration === undefined) throw notABackupFile(`its policy has no duration: ${text}`);
  return {
    ...optional('name', pairs.get('name'), (encoded) => decoded('the name in CERES-POLICY', encoded)),
    duration,
    ...optional('shardDuration', pairs.get('shardDuration'), String),
    ...optional('replication', pairs.get('replication'), (count) => Number(integer('replication', count))),
    ...optional('isDefault', pairs.get('default'), (flag) => flag === 'true'),
  };
}

/** No line of pairs that was ever written is longer. */
const PAIRS_LENGTH_MAX = 1_000;

/** Returns the values of a text such as `a=1 b=2` by their names; none for a text that is too long to be one of ours. */
export function parsePairs(text: string): ReadonlyMap<string, string> {
  if (text.length > PAIRS_LENGTH_MAX) return new Map();
  return new Map(
    text.split(' ').map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function integer(what: string, text: string | undefined): bigint {
  const value = text !== undefined && /^-?\d+$/.test(text) ? parseInt64(text) : undefined;
  if (value === undefined) throw notABackupFile(`${what} is not an int64: ${String(text).slice(0, 80)}`);
  return value;
}
