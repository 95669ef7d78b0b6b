import { isPrecision, precisions } from '@ceres/internal';
import { LineProtocolError } from '../../errors';
import type { FileHeader, FileSummary, PolicySchema } from './file-header';
import { withHeaderCrc } from './header-crc';
import { checkHeaderText, nameObstacle, percentEncode } from './names';
import { formatPolicies } from './policy-switch';
import { formatSeed } from './seed-origin';

/**
 * Returns the header lines of a file, each ending in LF. {@link readHeader} reads them back to an equal header. With a
 * `formatVersion`, the last of them is their checksum.
 *
 * If InfluxDB's importer cannot carry a name, the `# CONTEXT-DATABASE` line is left out, so that the importer stores nothing
 * rather than in another place. The name then stands percent-encoded in a `# CERES-` line. Mark such a file as `notImportable`.
 *
 * @throws LineProtocolError `INVALID_NAME` for a text with control characters or an empty database, `INVALID_VALUE` for
 * other fields
 */
export function formatHeader(header: FileHeader): string {
  const lines = ['# DML', ...formatContext(header)];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(`# CERES-${name}: ${value}`);
  };
  if (header.formatVersion !== undefined) add('FORMAT', formatVersion(header.formatVersion));
  if (header.instance !== undefined) add('INSTANCE', checkHeaderText('instance', header.instance));
  if (header.precision !== undefined) add('PRECISION', formatPrecision(header.precision));
  if (header.writer !== undefined) add('WRITER', checkHeaderText('writer', header.writer));
  if (header.sequence !== undefined) add('SEQUENCE', formatCount('sequence', header.sequence));
  if (header.seed !== undefined) add('SEED', formatSeed(header.seed));
  if (header.summary !== undefined) add('SUMMARY', formatSummary(header.summary));
  if (header.mixed !== undefined) add('MIXED', formatPolicies(header.mixed));
  if (header.policy !== undefined) add('POLICY', formatPolicy(header.policy));
  for (const reason of header.notImportable ?? []) add('NOT-IMPORTABLE', checkHeaderText('reason', reason));
  const text = `${lines.join('\n')}\n`;
  return header.formatVersion === undefined ? text : withHeaderCrc(text);
}

function formatContext({ database, retentionPolicy, mixed = [] }: FileHeader): string[] {
  checkHeaderText('database name', database);
  checkHeaderText('retention policy name', retentionPolicy);
  if (database === '')
    throw new LineProtocolError('INVALID_NAME', 'the name of the database is empty; a file needs one');
  const policyIsCarried = nameObstacle(retentionPolicy) === undefined;
  const databaseIsCarried = [database, ...mixed].every((name) => nameObstacle(name) === undefined);
  const policyLine =
    retentionPolicy === '' ? '# CONTEXT-RETENTION-POLICY:' : `# CONTEXT-RETENTION-POLICY: ${retentionPolicy}`;
  if (databaseIsCarried && policyIsCarried) return [`# CONTEXT-DATABASE: ${database}`, policyLine];
  // Without a database the importer stores nothing, whichever of the two names it could not carry.
  const encodedDatabase = `# CERES-DATABASE: ${percentEncode(database)}`;
  if (policyIsCarried) return [policyLine, encodedDatabase];
  return [encodedDatabase, `# CERES-RETENTION-POLICY: ${percentEncode(retentionPolicy)}`];
}

function formatVersion(version: number): string {
  if (version === 1) return '1';
  throw new LineProtocolError('INVALID_VALUE', `expected formatVersion to be 1, got ${version}`);
}

function formatPrecision(precision: string): string {
  if (isPrecision(precision)) return precision;
  const message = `expected precision to be one of ${precisions.join(', ')}, got ${String(precision)}`;
  throw new LineProtocolError('INVALID_VALUE', message);
}

function formatSummary({ lines, bytes, firstTimestamp, lastTimestamp }: FileSummary): string {
  const counts = `lines=${formatCount('lines', lines)} bytes=${formatCount('bytes', bytes)}`;
  return `${counts} first=${BigInt(firstTimestamp)} last=${BigInt(lastTimestamp)}`;
}

function formatPolicy({ name, duration, shardDuration, replication, isDefault }: PolicySchema): string {
  const parts = [`duration=${formatDuration(duration)}`];
  if (name !== undefined) parts.unshift(`name=${formatPolicyName(name)}`);
  if (shardDuration !== undefined) parts.push(`shardDuration=${formatDuration(shardDuration)}`);
  if (replication !== undefined) parts.push(`replication=${formatCount('replication', replication)}`);
  if (isDefault !== undefined) parts.push(`default=${isDefault}`);
  return parts.join(' ');
}

function formatPolicyName(name: string): string {
  if (name === '') throw new LineProtocolError('INVALID_NAME', 'the name of the default policy is empty; leave it out');
  return percentEncode(checkHeaderText('name of the default policy', name));
}

function formatDuration(duration: string): string {
  if (/^[A-Za-z0-9µ]+$/u.test(duration)) return duration;
  throw new LineProtocolError(
    'INVALID_VALUE',
    `expected a duration such as 5d, 168h or INF, got ${JSON.stringify(duration)}`,
  );
}

function formatCount(what: string, count: number | bigint): string {
  if (typeof count === 'bigint' ? count >= 0n : Number.isSafeInteger(count) && count >= 0) return String(count);
  throw new LineProtocolError('INVALID_VALUE', `expected ${what} to be a whole number, got ${String(count)}`);
}
