import type { FileFinding } from '@ceres/restore';
import { formatCountOf, formatPointTime } from '../../format';

/** Returns a finding on one line: what it is called, what is wrong, and what may be lost. */
export function formatFinding(finding: FileFinding): string {
  const { problem, name, reason, closed } = finding;
  if (closed) return formatClosed(finding.key === undefined ? reason : `${name}: ${reason}`);
  const atRisk = riskOf(finding);
  return `${problem}: ${name}: ${reason}${atRisk === '' ? '' : ` (${atRisk})`}`;
}

/** Returns what to say of something lost or damaged that a later seed has made up for. */
export function formatClosed(what: string): string {
  return `a later seed holds what is lost here: ${what}`;
}

function riskOf({ key, problem, writer, lines, first, last }: FileFinding): string {
  if (key === undefined || problem === 'unsealed') return '';
  const times =
    first === undefined || last === undefined ? '' : ` from ${formatPointTime(first)} to ${formatPointTime(last)}`;
  const parts = [
    lines === undefined ? '' : `${formatCountOf(lines, 'line')}${times} at risk`,
    writer === undefined ? '' : `written by ${writer}`,
  ];
  return parts.filter(Boolean).join(', ');
}
