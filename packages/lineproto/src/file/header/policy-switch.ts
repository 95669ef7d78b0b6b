import { checkHeaderText, nameObstacle, percentDecode, percentEncode } from './names';

/** Stands for the default policy in a list of policies; no encoded name begins with a tilde. */
const defaultPolicy = '~default';

/** Formats the policies that a mixed file switches between, each percent-encoded. */
export function formatPolicies(policies: readonly string[]): string {
  const encoded = (name: string) => percentEncode(checkHeaderText('retention policy name', name));
  return policies.map((name) => (name === '' ? defaultPolicy : encoded(name))).join(' ');
}

/** Reverses {@link formatPolicies}. */
export function parsePolicies(text: string, decode: (encoded: string) => string): string[] {
  return text.split(' ').map((name) => (name === defaultPolicy ? '' : decode(name)));
}

/**
 * Returns the comment line, with its LF, that stands in a mixed file where records of another policy follow. InfluxDB's importer
 * follows it, too, if it can read the name.
 *
 * @throws LineProtocolError `INVALID_NAME` for a name with control characters
 */
export function formatPolicySwitch(policy: string): string {
  if (policy === '') return '# CONTEXT-RETENTION-POLICY:\n';
  checkHeaderText('retention policy name', policy);
  if (nameObstacle(policy) === undefined) return `# CONTEXT-RETENTION-POLICY: ${policy}\n`;
  return `# CERES-RETENTION-POLICY: ${percentEncode(policy)}\n`;
}

const switchPattern = /^# (CONTEXT|CERES)-RETENTION-POLICY:(.*)$/;

/** Says whether a comment switches to another policy, if it stands behind the header of a mixed file. */
export function isPolicySwitch(comment: string): boolean {
  return switchPattern.test(comment);
}

/** Reverses {@link formatPolicySwitch}; `undefined` for another comment. */
export function readPolicySwitch(comment: string): string | undefined {
  const [, kind, name = ''] = switchPattern.exec(comment) ?? [];
  return kind === 'CERES' ? percentDecode(name.trim()) : kind && name.trim();
}
