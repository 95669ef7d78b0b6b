import { createHash } from 'node:crypto';

/** A metric with its samples, in the words of Prometheus. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** The characters of a label's value, at most. A longer one is cut, and says so. */
const labelLengthMax = 128;

/** Controls, marks of direction, halves of characters: what no person can read, and some parsers stop at. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Returns metrics in the text format of Prometheus. Names of databases may hold anything: they are escaped, and cut. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/**
 * Returns a value as it stands between quotes. One that is cut, or holds what does not show, ends in a part of its digest: two names that look the same would
 * be one sample twice, and Prometheus would refuse all of them.
 */
function escaped(value: string): string {
  const characters = [...value];
  const isCut = characters.length > labelLengthMax;
  const short = isCut ? `${characters.slice(0, labelLengthMax - 1).join('')}…` : value;
  const visible = short.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  const named =
    visible === value ? value : `${visible}~${createHash('sha256').update(value).digest('hex').slice(0, 8)}`;
  return named.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
